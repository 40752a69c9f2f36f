using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;

namespace Dashboard.Benchmarks;

/// <summary>The PostgreSQL that is measured on, and the way in.</summary>
internal sealed class BenchmarkServer : ILogins
{
    public const string Variable = "DASHBOARD_TEST_POSTGRES";

    private static LocationText Text => LocationText.Read(Environment.GetEnvironmentVariable(Variable)!);

    public static PostgresLocation Location => Text.Location!;

    public static string? Password => Text.Password;

    public static async Task RunAsync(PostgresLocation at, string sql)
    {
        await using var connection = await PostgresConnections.OpenAsync(at, Password, null, CancellationToken.None);
        await connection.ExecuteAsync(sql, CancellationToken.None);
    }

    public Task<string?> FindPasswordAsync(string engine, string server, string user, CancellationToken cancellationToken) => Task.FromResult(Password);
}

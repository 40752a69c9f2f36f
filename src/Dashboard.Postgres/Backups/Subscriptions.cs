using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Tools;
using Npgsql;

namespace Dashboard.Postgres.Backups;

/// <summary>Subscriptions of a database: what they hold to connect with only a superuser may read, and for long only a superuser could make one.</summary>
internal static class Subscriptions
{
    public static Task<List<string>> ListAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.ListAsync("SELECT subname::text FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 1", reader => reader.GetString(0), cancellationToken);

    /// <summary>What pg_dump and the server say without a name and is told here with one.</summary>
    public static bool IsTold(string warning) =>
        warning.StartsWith("subscriptions not dumped", StringComparison.Ordinal) || warning.StartsWith("tables were not subscribed", StringComparison.Ordinal);

    /// <summary>Those that an archive holds.</summary>
    public static async Task<IReadOnlyList<string>> InArchiveAsync(string file, ToolSet tools, CancellationToken cancellationToken)
    {
        using var tool = RunTool.Start(tools, "pg_restore", ["--list", file]);
        List<string> names = [];
        while (await tool.Process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            // "3456; 6100 16412 SUBSCRIPTION - news postgres"; what cannot be listed, the restore itself will complain of.
            var at = line.IndexOf(" SUBSCRIPTION - ", StringComparison.Ordinal);
            if (at > 0 && line[0] != ';')
            {
                var rest = line[(at + " SUBSCRIPTION - ".Length)..];
                names.Add(rest[..Math.Max(0, rest.LastIndexOf(' '))]);
            }
        }

        await tool.WaitAsync(cancellationToken);
        return names;
    }

    /// <summary>Whether this login may make one.</summary>
    public static Task<bool> MayMakeAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => connection.AskAsync<bool>(
        "SELECT rolsuper OR EXISTS (SELECT FROM pg_roles own WHERE own.rolname = 'pg_create_subscription' AND pg_has_role(own.oid, 'USAGE')) FROM pg_roles WHERE rolname = current_user",
        cancellationToken);

    /// <summary>
    /// A database with a subscription can't be dropped. The slot on the publishing server stays: the restored database may follow it by the same name.
    /// </summary>
    public static async Task RemoveAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        foreach (var name in await ListAsync(connection, cancellationToken))
        {
            var quoted = Schemas.TableName.Quote(name);
            await connection.ExecuteAsync($"ALTER SUBSCRIPTION {quoted} DISABLE", cancellationToken);
            await connection.ExecuteAsync($"ALTER SUBSCRIPTION {quoted} SET (slot_name = NONE)", cancellationToken);
            await connection.ExecuteAsync($"DROP SUBSCRIPTION {quoted}", cancellationToken);
        }
    }

    public static string LeftOut(string name, string user) => $"The subscription {name} was left out: {user} may not make one.";

    public static string Disabled(string name) => $"The subscription {name} is back, disabled and without tables: ALTER SUBSCRIPTION … ENABLE, then … REFRESH PUBLICATION, when it is to follow again.";
}

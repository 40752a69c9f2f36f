using Npgsql;
using Xunit;

namespace Dashboard.Postgres.Tests.Server;

public sealed class TestServerTests
{
    [Fact]
    public async Task A_database_is_made_whatever_its_name_and_gone_though_somebody_is_connected()
    {
        var name = await TestServer.CreateDatabaseAsync($"Odd \"name\" {Guid.NewGuid():N}");
        await using var connection = new NpgsqlConnection(TestServer.ConnectionString(name));
        await connection.OpenAsync(TestContext.Current.CancellationToken);

        await TestServer.DropDatabaseAsync(name);

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => new NpgsqlCommand("SELECT 1", connection).ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }
}

using Dashboard.Core.Databases;
using Dashboard.Postgres.Backups;
using Xunit;

namespace Dashboard.Postgres.Tests.Backups;

/// <summary>A dump that meets damage says so in one sentence with the table, and keeps the server's lines below it.</summary>
public sealed class DumpDamageTests : IAsyncLifetime
{
    private readonly PostgresHarness _harness = new();
    private string _location = "";

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private string Database => PostgresHarness.DatabaseOf(_location);

    public async ValueTask InitializeAsync() => _location = await _harness.CreateAsync();

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    [Theory]
    [InlineData("page of a table", "worn", "worn")]
    [InlineData("page of a table of an odd name", "it's \"worn\" $1", "it's \"worn\" $1")]
    [InlineData("file that is gone", "worn", "worn")]
    public async Task A_damaged_table_is_named_and_no_backup_is_taken(string kind, string table, string name)
    {
        var quoted = $"\"{table.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        await PostgresHarness.ExecuteAsync(
            Database,
            $"""
            CREATE TABLE {quoted} (id int, note text) WITH (autovacuum_enabled = false);
            INSERT INTO {quoted} SELECT i, repeat('note ', 100) FROM generate_series(1, 2000) i;
            """);

        // Written anew it goes past the server's buffers, so that the file is what the dump reads.
        await PostgresHarness.ExecuteAsync(Database, $"VACUUM FULL {quoted}");
        await PostgresHarness.ExecuteAsync(Database, "CHECKPOINT");
        var folder = (await PostgresHarness.TextsAsync(Database, "SHOW data_directory"))[0];
        var path = (await PostgresHarness.TextsAsync(Database, $"SELECT pg_relation_filepath('{quoted.Replace("'", "''", StringComparison.Ordinal)}')"))[0];
        var file = Path.Combine(folder, path);
        var program = kind switch
        {
            "file that is gone" => $"rm {file}",
            _ => $"dd if=/dev/urandom of={file} bs=8192 seek=3 count=1 conv=notrunc status=none",
        };
        await PostgresHarness.ExecuteAsync(Database, $"COPY (SELECT) TO PROGRAM '{program}'");

        var fault = await Assert.ThrowsAsync<DatabaseDamagedException>(() => _harness.TakeBackupAsync(_location, cancellationToken: Now));

        Assert.Equal($"Damage found in table {name}. No backup was taken.", EngineLines.Sentence(fault.Message));
        Assert.NotEmpty(EngineLines.Of(fault.Message));
        Assert.StartsWith("Restore the last good backup.", fault.NextStep, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pg_dump: detail: Error message from server: ERROR:  missing chunk number 0 for toast value 16401 in pg_toast_16392")]
    [InlineData("pg_dump: detail: Error message from server: ERROR:  compressed pglz data is corrupt")]
    [InlineData("pg_dump: detail: Error message from server: ERROR:  could not access status of transaction 3885")]
    public void Other_damage_is_recognised_by_the_words_of_the_server(string line)
    {
        var fault = DumpDamage.Find(["pg_dump: error: Dumping the contents of table \"orders\" failed: PQgetResult() failed.", line])!;

        Assert.Equal("Damage found in table orders. No backup was taken.", EngineLines.Sentence(fault.Message));
    }

    [Theory]
    [InlineData("pg_dump: error: query failed: ERROR:  permission denied for table orders")]
    [InlineData("pg_dump: error: connection to server at \"db\" failed: FATAL:  the database system is starting up")]
    [InlineData("pg_dump: detail: Error message from server: server closed the connection unexpectedly")]
    public void What_is_no_damage_is_not_called_so(string line) => Assert.Null(DumpDamage.Find([line]));
}

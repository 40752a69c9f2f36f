using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Xunit;

namespace Dashboard.Postgres.Tests.Restores;

/// <summary>The way of a login that may not create databases.</summary>
public sealed class RestoreInPlaceTests : IAsyncLifetime
{
    private readonly PostgresHarness _harness = new();
    private string _location = "";

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private string Database => PostgresHarness.DatabaseOf(_location);

    public async ValueTask InitializeAsync() => _location = await _harness.CreateAsync();

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    [Fact]
    public async Task A_login_without_createdb_restores_what_it_owns_in_one_transaction_and_is_told_whose_it_is_then()
    {
        var owner = _harness.OwnRole("owner");
        await PostgresHarness.ExecuteAsync("postgres", $"CREATE ROLE {owner} LOGIN PASSWORD 'owner'; ALTER DATABASE {Database} OWNER TO {owner}");
        await PostgresHarness.ExecuteAsync(Database, $"ALTER SCHEMA public OWNER TO {owner}; ALTER TABLE customers OWNER TO {owner}; ALTER TABLE orders OWNER TO {owner}; ALTER TABLE empty OWNER TO {owner}; ALTER SEQUENCE tickets OWNER TO {owner}");
        var before = await _harness.ReadAllAsync(_location);
        var (file, content) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        await PostgresHarness.ExecuteAsync(Database, "DELETE FROM orders; UPDATE customers SET name = 'changed'");
        await using var engine = PostgresHarness.EngineFor(_location, owner, "owner", out var ofOwner);

        var outlook = await engine.LookAheadAsync(ofOwner, 0, new Dictionary<string, string>(), Now);
        var result = await engine.RestoreAsync(ofOwner, new RestoreWork(ContentPlace.File(file), null, _ => Task.CompletedTask) { Rows = content.Rows }, RunProgress.None, Now);

        Assert.False(outlook.CanUndo);
        Assert.Equal(before, await _harness.ReadAllAsync(_location));
        Assert.Equal([$"Owners and rights of the backup were left out: all that it holds belongs to {owner}."], result.Warnings);
    }

    [Fact]
    public async Task What_stops_it_half_way_is_taken_back_whole()
    {
        var (file, _) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        await _harness.ChangeAsync(_location);
        await PostgresHarness.ExecuteAsync(Database, "CREATE VIEW late AS SELECT id FROM orders");
        var before = await _harness.ReadAllAsync(_location);

        var stopped = await Assert.ThrowsAsync<DatabaseException>(() => _harness.Engine.RestoreAsync(_location, new RestoreWork(ContentPlace.File(file), null, _ => Task.CompletedTask), RunProgress.None, Now));

        Assert.Contains("taken back", stopped.Message, StringComparison.Ordinal);
        Assert.Equal(before, await _harness.ReadAllAsync(_location));
    }

    [Fact]
    public async Task It_gives_way_to_whoever_holds_a_table_and_what_it_did_is_told_to_be_taken_back()
    {
        var (file, content) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        await _harness.ChangeAsync(_location);
        var before = await _harness.ReadAllAsync(_location);
        var mark = "";
        DatabaseBusyException busy;
        await using (var holder = await PostgresHarness.OpenAsync(Database))
        {
            await PostgresHarness.ExecuteAsync(holder, "BEGIN; LOCK TABLE empty IN ACCESS EXCLUSIVE MODE");
            busy = await Assert.ThrowsAsync<DatabaseBusyException>(() => RestoreAsync(file, content, said => mark = said));
        }

        Assert.Contains("gave way", busy.Message, StringComparison.Ordinal);
        Assert.Equal(RestoreTrace.NotCommitted, await _harness.Engine.TraceRestoreAsync(_location, mark, Now));
        Assert.Equal(before, await _harness.ReadAllAsync(_location));

        await RestoreAsync(file, content, said => mark = said);
        Assert.Equal(RestoreTrace.Committed, await _harness.Engine.TraceRestoreAsync(_location, mark, Now));
    }

    [Fact]
    public async Task Into_a_database_without_any_table_of_the_archive_it_can_be_told_too()
    {
        var (file, content) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        await PostgresHarness.ExecuteAsync(Database, "DROP TABLE orders, customers, empty; CREATE TABLE other (id int)");
        var traced = RestoreTrace.Unknown;
        var mark = "";

        await _harness.Engine.RestoreAsync(_location, new RestoreWork(ContentPlace.File(file), null, async said => traced = await _harness.Engine.TraceRestoreAsync(_location, mark = said, Now)) { Rows = content.Rows }, RunProgress.None, Now);

        Assert.Equal((RestoreTrace.NotCommitted, RestoreTrace.Committed), (traced, await _harness.Engine.TraceRestoreAsync(_location, mark, Now)));
    }

    private Task<RestoreResult> RestoreAsync(string file, BackupContent content, Action<string> marked) => _harness.Engine.RestoreAsync(
        _location,
        new RestoreWork(ContentPlace.File(file), null, said => Task.Run(() => marked(said))) { Rows = content.Rows },
        RunProgress.None,
        Now);
}

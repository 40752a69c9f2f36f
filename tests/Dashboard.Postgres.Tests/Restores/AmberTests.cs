using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.EngineSpecs.Faults;
using Xunit;

namespace Dashboard.Postgres.Tests.Restores;

/// <summary>Where success is not whole, what is missing is named.</summary>
public sealed class AmberTests : IAsyncLifetime
{
    private readonly PostgresHarness _harness = new();
    private string _location = "";

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private string Database => PostgresHarness.DatabaseOf(_location);

    public async ValueTask InitializeAsync() => _location = await _harness.CreateAsync();

    public async ValueTask DisposeAsync()
    {
        // A database with a subscription can't be dropped.
        foreach (var database in await PostgresHarness.TextsAsync("postgres", $"SELECT DISTINCT datname FROM pg_subscription JOIN pg_database d ON d.oid = subdbid WHERE starts_with(datname, '{Database}')"))
        {
            await PostgresHarness.ExecuteAsync(database, "DROP SUBSCRIPTION IF EXISTS \"the news\"");
            await PostgresHarness.ExecuteAsync(database, "DROP SUBSCRIPTION IF EXISTS weather");
        }

        await _harness.DisposeAsync();
    }

    [Fact]
    public async Task Subscriptions_that_a_login_may_not_read_are_left_out_of_its_backup_by_their_names()
    {
        await SubscribeAsync();
        var reader = _harness.OwnRole("reader");
        await PostgresHarness.ExecuteAsync("postgres", $"CREATE ROLE {reader} LOGIN PASSWORD 'reader'; GRANT pg_read_all_data TO {reader}");
        await using var engine = PostgresHarness.EngineFor(_location, reader, "reader", out var location);
        using var artefact = new MemoryStream();

        var content = await engine.WriteBackupAsync(location, new BackupStaging(_harness.NewFile("reader.work"), artefact), RunProgress.None, Now);

        Assert.Equal(["The subscription the news is left out: only a superuser may read it.", "The subscription weather is left out: only a superuser may read it."], content.Warnings);
    }

    [Fact]
    public async Task Subscriptions_come_back_disabled_by_their_names_and_what_was_there_can_be_removed_all_the_same()
    {
        await SubscribeAsync();
        var (file, content) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        Assert.Empty(content.Warnings);
        var work = new RestoreWork(ContentPlace.File(file), _harness.NewUndo(_location, "undo"), _ => Task.CompletedTask);

        var result = await _harness.Engine.RestoreAsync(_location, work, RunProgress.None, Now);
        await _harness.Engine.DropKeptAsync(_location, work.Undo!, Now);

        Assert.Equal(["The subscription the news is back", "The subscription weather is back"], result.Warnings.Select(warning => warning.Split(", disabled")[0]).Order());
        Assert.Equal(["False", "False"], await PostgresHarness.TextsAsync(Database, "SELECT subenabled FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())"));
        Assert.Empty(await _harness.Engine.ListKeptAsync(_location, Now));
    }

    [Fact]
    public async Task Subscriptions_that_a_login_may_not_make_are_left_out_of_its_restore_by_their_names()
    {
        await SubscribeAsync();
        var (file, content) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        var maker = _harness.OwnRole("maker");
        await PostgresHarness.ExecuteAsync("postgres", $"CREATE ROLE {maker} LOGIN CREATEDB PASSWORD 'maker'; ALTER DATABASE {Database} OWNER TO {maker}");
        await using var engine = PostgresHarness.EngineFor(_location, maker, "maker", out var location);

        var copy = await engine.RestoreAsCopyAsync(location, new CopyWork(file, "restored-20261125-021500-ab12") { WithoutOwners = true }, RunProgress.None, Now);

        Assert.Contains($"The subscription the news was left out: {maker} may not make one.", copy.Warnings);
        Assert.Contains($"The subscription weather was left out: {maker} may not make one.", copy.Warnings);
        Assert.Equal([content.Rows.Single(table => table.Table == "orders").Rows.ToString(System.Globalization.CultureInfo.InvariantCulture)], await PostgresHarness.TextsAsync(PostgresHarness.DatabaseOf(copy.Location), "SELECT count(*) FROM orders"));
    }

    [Fact]
    public async Task What_the_server_warns_of_during_a_restore_is_told()
    {
        await PostgresHarness.ExecuteAsync(
            Database,
            """
            CREATE FUNCTION loud(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN IF $1 = 1 THEN RAISE WARNING ''row one is odd'' USING DETAIL = ''it is the first''; END IF; RETURN $1; END';
            CREATE INDEX loud_index ON customers (loud(id));
            """);
        var (file, content) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);

        var result = await _harness.Engine.RestoreAsync(_location, new RestoreWork(ContentPlace.File(file), _harness.NewUndo(_location, "undo"), _ => Task.CompletedTask) { Rows = content.Rows }, RunProgress.None, Now);

        Assert.Contains("row one is odd", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_table_that_stops_a_backup_stands_in_its_log()
    {
        var weak = _harness.OwnRole("weak");
        await PostgresHarness.ExecuteAsync("postgres", $"CREATE ROLE {weak} LOGIN PASSWORD 'weak'");
        await PostgresHarness.ExecuteAsync(Database, $"CREATE TABLE a1 (i int); CREATE TABLE a2 (i int); CREATE TABLE a3 (i int); GRANT SELECT ON customers TO {weak}; ALTER TABLE customers ENABLE ROW LEVEL SECURITY");
        await using var engine = PostgresHarness.EngineFor(_location, weak, "weak", out var location);
        var progress = new WatchedProgress();
        using var artefact = new MemoryStream();

        await Assert.ThrowsAsync<DatabaseException>(() => engine.WriteBackupAsync(location, new BackupStaging(_harness.NewFile("weak.work"), artefact), progress, Now));

        Assert.Equal(
            ["public.a1", "public.a2", "public.a3", "public.customers", "public.empty", "public.orders"],
            progress.Warnings.Select(line => line.Split(' ')[0]).Order());
        Assert.Equal(0, artefact.Length);
    }

    private Task SubscribeAsync() => PostgresHarness.ExecuteAsync(
        Database,
        """
        CREATE SUBSCRIPTION "the news" CONNECTION 'host=nowhere.invalid dbname=x' PUBLICATION p WITH (connect = false, slot_name = NONE);
        CREATE SUBSCRIPTION weather CONNECTION 'host=nowhere.invalid dbname=x' PUBLICATION p WITH (connect = false, slot_name = NONE);
        """);
}

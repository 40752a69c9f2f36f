using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.EngineSpecs.Faults;
using Dashboard.Postgres.Connections;
using Dashboard.Trials.Postgres;
using Xunit;

namespace Dashboard.Postgres.Tests.Backups;

/// <summary>Rows counted in the database, in the very snapshot that the dump is of.</summary>
public sealed class CountedBackupTests : IAsyncLifetime
{
    private readonly PostgresHarness _harness = new();
    private string _location = "";

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private string Database => PostgresHarness.DatabaseOf(_location);

    private PostgresEngine Engine => (PostgresEngine)_harness.Engine;

    public async ValueTask InitializeAsync() => _location = await _harness.CreateAsync();

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    [Fact]
    public async Task They_are_those_of_the_archive_while_a_writer_goes_on()
    {
        await PostgresHarness.ExecuteAsync(
            Database,
            """
            CREATE SCHEMA "odd ""one.";
            CREATE TABLE "odd ""one."."Ta ble" (id int);
            INSERT INTO "odd ""one."."Ta ble" VALUES (1), (2);
            CREATE TABLE parts (id int, part int) PARTITION BY LIST (part);
            CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
            CREATE UNLOGGED TABLE quick (id int);
            CREATE TABLE nothing ();
            CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM orders;
            INSERT INTO parts SELECT i, 1 FROM generate_series(1, 50) i;
            INSERT INTO quick VALUES (1);
            """);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Now);
        var writing = WriteAsync(stop.Token);
        List<long> totals = [];
        for (var round = 0; round < 3; round++)
        {
            var (file, rows) = await TakeAsync();
            await using var archive = File.OpenRead(file);
            var check = await Engine.CheckStreamAsync(archive, rows, Now);

            Assert.Empty(check.Problems);
            Assert.Equal(rows, check.Rows);
            Assert.Contains(new TableRows("\"odd \"\"one.\".Ta ble", 2), rows);
            Assert.Equal(rows.Single(table => table.Table == "orders").Rows, rows.Single(table => table.Table == "empty").Rows);
            Assert.Contains(rows, table => table.Table == "nothing");
            totals.Add(rows.Sum(table => table.Rows));
        }

        await stop.CancelAsync();
        Assert.True(await writing > 0);
        Assert.Equal(3, totals.Distinct().Count());
    }

    [Fact]
    public async Task A_difference_is_named()
    {
        var (file, rows) = await TakeAsync();
        await using var archive = File.OpenRead(file);

        var check = await Engine.CheckStreamAsync(archive, [.. rows.Select(table => table.Table == "customers" ? table with { Rows = 301 } : table)], Now);

        Assert.Equal(["customers has 300 rows instead of 301."], check.Problems);
    }

    [Fact]
    public async Task Not_asked_for_nothing_is_counted_in_the_database()
    {
        var (_, content) = await WriteBackupAsync(_location, countsSource: false, RunProgress.None, Now);

        Assert.Empty(content.Rows);
    }

    [Fact]
    public async Task Cancelled_it_leaves_no_session()
    {
        using var person = new ImpatientPerson(1, waitsForReport: false);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => WriteBackupAsync(_location, countsSource: true, person, person.Token));

        Assert.Equal(["0"], await SessionsAsync());
    }

    [Fact]
    public async Task Cut_off_while_it_waits_for_a_table_it_leaves_no_session_on_the_server()
    {
        await using var cable = new CutProxy(PostgresLocation.Parse(_location).Port);
        await using var holder = await PostgresHarness.OpenAsync(Database);
        await PostgresHarness.ExecuteAsync(holder, "BEGIN; LOCK TABLE customers IN ACCESS EXCLUSIVE MODE");
        var backup = WriteBackupAsync((PostgresLocation.Parse(_location) with { Port = cable.Port }).ToString(), countsSource: true, RunProgress.None, Now);
        await Until(async () => await SessionsAsync("AND wait_event_type = 'Lock'") is ["1"]);

        cable.Cut();

        await Assert.ThrowsAsync<DatabaseException>(() => backup);
        await Until(async () => await SessionsAsync() is ["0"]);
    }

    private Task<IReadOnlyList<string>> SessionsAsync(string and = "") =>
        PostgresHarness.TextsAsync("postgres", $"SELECT count(*) FROM pg_stat_activity WHERE datname = '{Database}' AND application_name LIKE 'dashboard dump%' {and}");

    private async Task<(string File, IReadOnlyList<TableRows> Rows)> TakeAsync()
    {
        var (file, content) = await WriteBackupAsync(_location, countsSource: true, RunProgress.None, Now);
        return (file, content.Rows);
    }

    private async Task<(string File, BackupContent Content)> WriteBackupAsync(string location, bool countsSource, RunProgress progress, CancellationToken cancellationToken)
    {
        var file = _harness.NewFile($"{Guid.NewGuid():N}.plain");
        await using var artefact = File.Create(file);
        var content = await Engine.WriteBackupAsync(location, new BackupStaging(_harness.NewFile($"{Guid.NewGuid():N}.work"), artefact) { CountsSource = countsSource }, progress, cancellationToken);
        return (file, content);
    }

    /// <summary>Two tables that only ever have as many rows as each other, and one that is emptied from time to time.</summary>
    private async Task<int> WriteAsync(CancellationToken stop)
    {
        await using var writer = await PostgresHarness.OpenAsync(Database);
        await PostgresHarness.ExecuteAsync(writer, "TRUNCATE orders");
        for (var id = 1; ; id++)
        {
            if (stop.IsCancellationRequested)
            {
                return id;
            }

            await PostgresHarness.ExecuteAsync(writer, $"BEGIN; INSERT INTO orders VALUES ({id}, 1, 'x'); INSERT INTO empty VALUES ({id}); COMMIT");
            if (id % 40 == 0)
            {
                await PostgresHarness.ExecuteAsync(writer, "INSERT INTO quick SELECT 1 FROM generate_series(1, 7)");
            }
        }
    }

    private static async Task Until(Func<Task<bool>> holds)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Now);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        while (!await holds())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
        }
    }
}

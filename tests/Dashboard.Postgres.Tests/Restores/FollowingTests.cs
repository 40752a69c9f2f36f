using System.Text.RegularExpressions;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Tests.Server;
using Xunit;

namespace Dashboard.Postgres.Tests.Restores;

/// <summary>A database that follows another one, and is restored: rows that are published are never taken by a database that nobody looks at any more.</summary>
public sealed partial class FollowingTests : IAsyncLifetime
{
    private readonly PostgresHarness _harness = new();
    private string _location = "";
    private string _publisher = "";
    private string _slot = "";

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private string Database => PostgresHarness.DatabaseOf(_location);

    private string Connection => ConnectionTo(LocationText.Read(TestServer.Url).Location!.Port);

    public async ValueTask InitializeAsync()
    {
        _location = await _harness.CreateAsync();
        _publisher = _harness.Own("publisher");
        _slot = _publisher + "_slot";
        await TestServer.CreateDatabaseAsync(_publisher);
        await PostgresHarness.ExecuteAsync(_publisher, "CREATE TABLE news (id int PRIMARY KEY); INSERT INTO news SELECT generate_series(1, 50); CREATE PUBLICATION wire FOR TABLE news");
        await PostgresHarness.ExecuteAsync(_publisher, $"SELECT pg_create_logical_replication_slot('{_slot}', 'pgoutput')");
        await PostgresHarness.ExecuteAsync(Database, "CREATE TABLE news (id int PRIMARY KEY)");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var database in await PostgresHarness.TextsAsync("postgres", $"SELECT datname FROM pg_subscription JOIN pg_database d ON d.oid = subdbid WHERE starts_with(datname, '{Database}')"))
        {
            await PostgresHarness.ExecuteAsync(database, "ALTER SUBSCRIPTION s DISABLE");
            await PostgresHarness.ExecuteAsync(database, "ALTER SUBSCRIPTION s SET (slot_name = NONE)");
            await PostgresHarness.ExecuteAsync(database, "DROP SUBSCRIPTION s");
        }

        await UntilAsync("postgres", $"SELECT NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '{_slot}' AND active)");
        await PostgresHarness.ExecuteAsync("postgres", $"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '{_slot}'");
        await _harness.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_restore_and_after_its_undo_one_database_follows_and_no_row_is_lost(bool isKeptRemoved)
    {
        await FollowAsync();
        var (file, content) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        await PublishAsync(60);
        await UntilAsync(Database, "SELECT EXISTS (SELECT FROM news WHERE id = 60)");
        var work = Work(file) with { Rows = content.Rows };

        var restored = await _harness.Engine.RestoreAsync(_location, work, RunProgress.None, Now);

        Assert.Equal(["False", "False"], await EnabledAsync());
        await PublishAsync(1000);
        if (isKeptRemoved)
        {
            Assert.Equal(["60"], await NewRowsAsync(work.Undo!.Name));
            await _harness.Engine.DropKeptAsync(_location, work.Undo!, Now);
        }

        await FollowTheAdviceAsync(restored);
        await UntilAsync(Database, "SELECT EXISTS (SELECT FROM news WHERE id = 1000)");
        Assert.Equal(["1000"], await NewRowsAsync(Database));
        if (!isKeptRemoved)
        {
            Assert.Equal(["60"], await NewRowsAsync(work.Undo!.Name));
            await UndoAsync(work.Undo!);
        }
    }

    [Fact]
    public async Task A_subscription_that_is_in_no_backup_is_made_again_by_the_advice()
    {
        await FollowAsync();
        var reader = _harness.OwnRole("reader");
        await PostgresHarness.ExecuteAsync("postgres", $"CREATE ROLE {reader} LOGIN PASSWORD 'reader'; GRANT pg_read_all_data TO {reader}");
        await using var engine = PostgresHarness.EngineFor(_location, reader, "reader", out var location);
        var file = _harness.NewFile("reader.dump");
        await using (var artefact = File.Create(file))
        {
            await engine.WriteBackupAsync(location, new BackupStaging(_harness.NewFile("reader.work"), artefact), RunProgress.None, Now);
        }

        var restored = await _harness.Engine.RestoreAsync(_location, Work(file), RunProgress.None, Now);
        await PublishAsync(1000);
        await FollowTheAdviceAsync(restored);

        await UntilAsync(Database, "SELECT EXISTS (SELECT FROM news WHERE id = 1000)");
    }

    [Fact]
    public async Task Where_the_publishing_server_does_not_answer_the_advice_has_all_steps()
    {
        await FollowAsync(ConnectionTo(1));
        var (file, _) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);

        var restored = await _harness.Engine.RestoreAsync(_location, Work(file), RunProgress.None, Now);
        await PublishAsync(1000);
        await PostgresHarness.ExecuteAsync(Database, $"ALTER SUBSCRIPTION s CONNECTION '{Connection}'");
        await FollowTheAdviceAsync(restored);

        await UntilAsync(Database, "SELECT EXISTS (SELECT FROM news WHERE id = 1000)");
    }

    [Fact]
    public async Task A_login_that_may_not_disable_it_is_refused_with_the_steps_before_anything_is_changed()
    {
        await FollowAsync();
        var (file, _) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        var maker = _harness.OwnRole("maker");
        await PostgresHarness.ExecuteAsync("postgres", $"CREATE ROLE {maker} LOGIN CREATEDB PASSWORD 'maker'; GRANT pg_signal_backend TO {maker}; ALTER DATABASE {Database} OWNER TO {maker}");
        await using var engine = PostgresHarness.EngineFor(_location, maker, "maker", out var location);
        var work = Work(file) with { WithoutOwners = true };

        var plan = await engine.LookAheadAsync(location, 1, new Dictionary<string, string>(), Now);
        var refusal = await Assert.ThrowsAsync<DatabaseException>(() => engine.RestoreAsync(location, work, RunProgress.None, Now));

        Assert.Contains("ALTER SUBSCRIPTION \"s\" DISABLE;", plan.Blocker, StringComparison.Ordinal);
        Assert.Contains("ALTER SUBSCRIPTION \"s\" DISABLE;", refusal.NextStep, StringComparison.Ordinal);
        Assert.Single(await _harness.ListSurroundingsAsync(_location));
        Assert.Equal(["True"], await EnabledAsync());

        await PostgresHarness.ExecuteAsync(Database, "ALTER SUBSCRIPTION s DISABLE");
        await UntilAsync("postgres", $"SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '{Database}')");
        Assert.Null((await engine.LookAheadAsync(location, 1, new Dictionary<string, string>(), Now)).Blocker);
        var restored = await engine.RestoreAsync(location, work, RunProgress.None, Now);
        await PublishAsync(1000);
        await FollowTheAdviceAsync(restored);
        await UntilAsync(Database, "SELECT EXISTS (SELECT FROM news WHERE id = 1000)");

        var drop = await Assert.ThrowsAsync<DatabaseException>(() => engine.DropKeptAsync(location, work.Undo!, Now));
        Assert.Contains("DROP SUBSCRIPTION", drop.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_place_it_is_refused_with_the_steps()
    {
        await FollowAsync();
        var (file, _) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        var keeper = _harness.OwnRole("keeper");
        await PostgresHarness.ExecuteAsync("postgres", $"CREATE ROLE {keeper} LOGIN PASSWORD 'keeper'; ALTER DATABASE {Database} OWNER TO {keeper}");
        await using var engine = PostgresHarness.EngineFor(_location, keeper, "keeper", out var location);

        var plan = await engine.LookAheadAsync(location, 1, new Dictionary<string, string>(), Now);
        var refusal = await Assert.ThrowsAsync<DatabaseException>(() => engine.RestoreAsync(location, Work(file) with { Undo = null }, RunProgress.None, Now));

        Assert.Contains("subscription s", plan.Blocker, StringComparison.Ordinal);
        Assert.Contains("DISABLE", refusal.NextStep, StringComparison.Ordinal);
        Assert.Equal(["True"], await EnabledAsync());
    }

    [Fact]
    public async Task A_copy_does_not_follow()
    {
        await FollowAsync();
        var (file, _) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);

        var copy = await _harness.Engine.RestoreAsCopyAsync(_location, new CopyWork(file, "restored-20261125-021500-ab12"), RunProgress.None, Now);

        Assert.Contains(copy.Warnings, warning => warning.Contains("left out of the copy", StringComparison.Ordinal));
        Assert.Equal(["True"], await EnabledAsync());
    }

    [Fact]
    public async Task Where_the_names_can_not_be_changed_the_live_database_goes_on_following()
    {
        await FollowAsync();
        var (file, _) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        await using var holder = await PostgresHarness.OpenAsync("postgres");
        await PostgresHarness.ExecuteAsync(holder, $"BEGIN; COMMENT ON DATABASE {Database} IS 'held'");

        await Assert.ThrowsAsync<DatabaseBusyException>(() => _harness.Engine.RestoreAsync(_location, Work(file), RunProgress.None, Now));

        Assert.Equal(["True"], await EnabledAsync());
        Assert.Single(await _harness.ListSurroundingsAsync(_location));
    }

    [Fact]
    public async Task A_restore_that_died_after_it_was_disabled_is_put_in_order_by_its_checkpoint()
    {
        await FollowAsync();
        var (file, _) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        var checkpoint = "";
        await Assert.ThrowsAsync<InvalidOperationException>(() => _harness.Engine.RestoreAsync(
            _location,
            Work(file) with
            {
                CheckpointAsync = mark =>
                {
                    checkpoint = mark;
                    throw new InvalidOperationException("killed");
                },
            },
            RunProgress.None,
            Now));
        await PostgresHarness.ExecuteAsync(Database, "ALTER SUBSCRIPTION s DISABLE");

        Assert.Equal(RestoreTrace.NotCommitted, await _harness.Engine.TraceRestoreAsync(_location, checkpoint, Now));

        Assert.Equal(["True"], await EnabledAsync());
    }

    private async Task UndoAsync(ContentPlace kept)
    {
        await PublishAsync(1001);
        await UntilAsync(Database, "SELECT EXISTS (SELECT FROM news WHERE id = 1001)");
        var undo = new RestoreWork(kept, _harness.NewUndo(_location, "redo"), _ => Task.CompletedTask);

        var undone = await _harness.Engine.RestoreAsync(_location, undo, RunProgress.None, Now);
        await PublishAsync(2000);
        Assert.Equal(["False", "False"], await EnabledAsync());
        await FollowTheAdviceAsync(undone);

        await UntilAsync(Database, "SELECT EXISTS (SELECT FROM news WHERE id = 2000)");
        Assert.Equal(["60", "2000"], await NewRowsAsync(Database));
        Assert.Equal(["1000", "1001"], await NewRowsAsync(undo.Undo!.Name));
    }

    private RestoreWork Work(string file) => new(ContentPlace.File(file), _harness.NewUndo(_location, "undo"), _ => Task.CompletedTask);

    private async Task FollowAsync(string? connection = null)
    {
        if (connection is null)
        {
            await PostgresHarness.ExecuteAsync(Database, $"CREATE SUBSCRIPTION s CONNECTION '{Connection}' PUBLICATION wire WITH (create_slot = false, slot_name = '{_slot}')");
            await UntilAsync(Database, "SELECT count(*) = 50 FROM news");
            await UntilAsync(Database, "SELECT bool_and(srsubstate = 'r') FROM pg_subscription_rel");
            return;
        }

        await PostgresHarness.ExecuteAsync(Database, $"CREATE SUBSCRIPTION s CONNECTION '{connection}' PUBLICATION wire WITH (connect = false, slot_name = '{_slot}')");
    }

    private Task PublishAsync(int id) => PostgresHarness.ExecuteAsync(_publisher, $"INSERT INTO news VALUES ({id})");

    /// <summary>As a person would: statement by statement as it is written there, with the address of the publishing server where it says so.</summary>
    private async Task FollowTheAdviceAsync(RestoreResult result)
    {
        var advice = Assert.Single(result.Warnings, warning => warning.Contains("To follow again", StringComparison.Ordinal));
        var statements = Statement().Matches(advice).Select(match => match.Value.Replace("'…'", $"'{Connection}'", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(statements);
        foreach (var statement in statements)
        {
            await PostgresHarness.ExecuteAsync(Database, statement);
        }
    }

    private Task<IReadOnlyList<string>> EnabledAsync() =>
        PostgresHarness.TextsAsync("postgres", $"SELECT subenabled FROM pg_subscription JOIN pg_database d ON d.oid = subdbid WHERE starts_with(datname, '{Database}')");

    private static Task<IReadOnlyList<string>> NewRowsAsync(string database) => PostgresHarness.TextsAsync(database, "SELECT id FROM news WHERE id > 50 ORDER BY id");

    private static async Task UntilAsync(string database, string question)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Now);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while ((await PostgresHarness.TextsAsync(database, question))[0] != "True")
        {
            await Task.Delay(100, patience.Token);
        }
    }

    private string ConnectionTo(int port)
    {
        var at = LocationText.Read(TestServer.Url);
        return $"host=localhost port={port} user={at.Location!.User} password={at.Password} dbname={_publisher}";
    }

    [GeneratedRegex("(?:ALTER|CREATE|DROP) SUBSCRIPTION [^;]*;")]
    private static partial Regex Statement();
}

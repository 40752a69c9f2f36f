using System.Diagnostics;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Postgres.Tests.Server;
using Npgsql;
using Npgsql.Replication;
using Xunit;

namespace Dashboard.Postgres.Tests.Restores;

/// <summary>Sessions that a login may not end: the plan names them, and a restore stops for them before it ends anybody else's.</summary>
public sealed class StubbornSessionTests : IAsyncLifetime
{
    private readonly PostgresHarness _harness = new();
    private string _location = "";
    private string _maker = "";
    private string _file = "";
    private string? _application;

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private string Database => PostgresHarness.DatabaseOf(_location);

    public async ValueTask InitializeAsync()
    {
        _location = await _harness.CreateAsync();
        (_file, _) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        _maker = _harness.OwnRole("maker");
        await PostgresHarness.ExecuteAsync("postgres", $"CREATE ROLE {_maker} LOGIN CREATEDB PASSWORD 'maker'; GRANT pg_monitor, pg_signal_backend TO {_maker}; ALTER DATABASE {Database} OWNER TO {_maker}");
        await UntilAloneAsync();
    }

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    [Fact]
    public async Task A_superusers_session_is_named_in_the_plan_and_stops_the_swap_before_anybody_is_ended()
    {
        await using var engine = PostgresHarness.EngineFor(_location, _maker, "maker", out var location);
        await using var application = await ApplicationAsync();
        await using (var admin = await PostgresHarness.OpenAsync(Database))
        {
            var pid = admin.ProcessID.ToString(System.Globalization.CultureInfo.InvariantCulture);

            var plan = await engine.LookAheadAsync(location, 1, new Dictionary<string, string>(), Now);
            var refusal = await Assert.ThrowsAsync<DatabaseBusyException>(() => engine.RestoreAsync(location, Work(), RunProgress.None, Now));

            Assert.Contains(plan.Warnings, warning => warning.Contains($"pid {pid}", StringComparison.Ordinal) && warning.Contains(_maker, StringComparison.Ordinal));
            Assert.Contains($"pid {pid}", refusal.Message, StringComparison.Ordinal);
            Assert.Contains("superuser", refusal.NextStep, StringComparison.Ordinal);
            await PostgresHarness.ExecuteAsync(application, "SELECT 1");
            Assert.Single(await _harness.ListSurroundingsAsync(_location));
        }

        await UntilAloneAsync();
        await engine.RestoreAsync(location, Work(), RunProgress.None, Now);

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => PostgresHarness.ExecuteAsync(application, "SELECT 1"));
    }

    [Fact]
    public async Task A_session_of_replication_is_named_as_one()
    {
        await PostgresHarness.ExecuteAsync("postgres", $"REVOKE pg_signal_backend FROM {_maker}");
        await using var engine = PostgresHarness.EngineFor(_location, _maker, "maker", out var location);
        await using var follower = new LogicalReplicationConnection(TestServer.ConnectionString(Database));
        await follower.Open(Now);

        var plan = await engine.LookAheadAsync(location, 1, new Dictionary<string, string>(), Now);
        var refusal = await Assert.ThrowsAsync<DatabaseBusyException>(() => engine.RestoreAsync(location, Work(), RunProgress.None, Now));

        Assert.Contains(plan.Warnings, warning => warning.Contains("replication", StringComparison.Ordinal));
        Assert.Contains("replication", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sessions_of_others_are_named_where_the_login_may_end_none()
    {
        await PostgresHarness.ExecuteAsync("postgres", $"REVOKE pg_signal_backend FROM {_maker}");
        await using var engine = PostgresHarness.EngineFor(_location, _maker, "maker", out var location);
        await using var application = await ApplicationAsync();

        var refusal = await Assert.ThrowsAsync<DatabaseBusyException>(() => engine.RestoreAsync(location, Work(), RunProgress.None, Now));

        Assert.Contains("GRANT pg_signal_backend", refusal.NextStep, StringComparison.Ordinal);
        await PostgresHarness.ExecuteAsync(application, "SELECT 1");
    }

    [Fact]
    public async Task A_superuser_is_in_nobodys_way()
    {
        await using var admin = await PostgresHarness.OpenAsync(Database);

        Assert.DoesNotContain((await _harness.Engine.LookAheadAsync(_location, 1, new Dictionary<string, string>(), Now)).Warnings, warning => warning.Contains("pid", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_the_names_can_not_be_changed_others_are_ended_for_five_seconds_and_not_longer()
    {
        await using var holder = await PostgresHarness.OpenAsync("postgres");
        await PostgresHarness.ExecuteAsync(holder, $"BEGIN; COMMENT ON DATABASE {Database} IS 'held'");
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Now);
        var losses = LoseConnectionsAsync(over.Token);

        var refusal = await Assert.ThrowsAsync<DatabaseBusyException>(() => _harness.Engine.RestoreAsync(_location, Work(), RunProgress.None, Now));

        await over.CancelAsync();
        var moments = await losses;
        Assert.NotEmpty(moments);
        Assert.InRange(moments[^1] - moments[0], TimeSpan.Zero, TimeSpan.FromSeconds(5.5));
        Assert.DoesNotContain("Npgsql", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Nothing was changed.", refusal.Message, StringComparison.Ordinal);
        Assert.Single(await _harness.ListSurroundingsAsync(_location));
    }

    /// <summary>An application that comes back whenever its session is ended; when that was.</summary>
    private async Task<List<TimeSpan>> LoseConnectionsAsync(CancellationToken over)
    {
        var began = Stopwatch.GetTimestamp();
        List<TimeSpan> moments = [];
        while (!over.IsCancellationRequested)
        {
            try
            {
                await using var application = await ApplicationAsync();
                await using var command = new NpgsqlCommand("SELECT pg_sleep(60)", application);
                await command.ExecuteNonQueryAsync(over);
            }
            catch (PostgresException ended) when (ended.SqlState == PostgresErrorCodes.AdminShutdown)
            {
                moments.Add(Stopwatch.GetElapsedTime(began));
            }
            catch (Exception fault) when (fault is OperationCanceledException or NpgsqlException)
            {
            }
        }

        return moments;
    }

    private RestoreWork Work() => new(ContentPlace.File(_file), _harness.NewUndo(_location, "undo"), _ => Task.CompletedTask) { WithoutOwners = true };

    /// <summary>As a role of its own that is no superuser.</summary>
    private async Task<NpgsqlConnection> ApplicationAsync()
    {
        if (_application is null)
        {
            _application = _harness.OwnRole("application");
            await PostgresHarness.ExecuteAsync("postgres", $"CREATE ROLE {_application} LOGIN PASSWORD 'application'");
        }

        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(TestServer.ConnectionString(Database)) { Pooling = false, Username = _application, Password = "application" }.ToString());
        await connection.OpenAsync(Now);
        return connection;
    }

    private async Task UntilAloneAsync()
    {
        while (await PostgresHarness.TextsAsync("postgres", $"SELECT 1 FROM pg_stat_activity JOIN pg_roles r ON r.oid = usesysid WHERE rolsuper AND datname = '{Database}'") is { Count: > 0 })
        {
            await Task.Delay(20, Now);
        }
    }
}

using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.EngineSpecs.Faults;
using Dashboard.Postgres.Backups;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Tests.Server;
using Xunit;

namespace Dashboard.Postgres.Tests.Backups;

public sealed class WriteBackupTests : IAsyncLifetime
{
    private readonly PostgresHarness _harness = new();
    private string _location = "";

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private string Database => PostgresHarness.DatabaseOf(_location);

    public async ValueTask InitializeAsync() => _location = await _harness.CreateAsync();

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    /// <summary>The words are those of pg_dump, which asks for its locks as a statement with an end.</summary>
    [Theory]
    [InlineData("query failed: ERROR:  canceling statement due to statement timeout")]
    [InlineData("query failed: ERROR:  canceling statement due to lock timeout")]
    public void A_dump_that_waited_for_a_lock_in_vain_says_that_a_table_was_locked(string words)
    {
        var fault = Assert.IsType<DatabaseBusyException>(WriteBackup.Explain(words, "shop"));

        Assert.StartsWith("A table of shop was locked for longer than 60s", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("host=evil dbname=x")]
    [InlineData("-h")]
    [InlineData("--file=pwn")]
    [InlineData("it's \"quoted\" $(x) \\ ; --")]
    [InlineData("../../数据 😀")]
    public async Task A_database_of_any_name_is_backed_up_and_restored(string word)
    {
        var name = _harness.Own(word);
        await PostgresHarness.ExecuteAsync("postgres", $"CREATE DATABASE \"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\" TEMPLATE template0");
        await PostgresHarness.ExecuteAsync(name, "CREATE TABLE \"-t odd\" (id int); INSERT INTO \"-t odd\" VALUES (1), (2)");
        var location = PostgresHarness.LocationOf(name);

        var (file, content) = await _harness.TakeBackupAsync(location, cancellationToken: Now);
        await PostgresHarness.ExecuteAsync(name, "DELETE FROM \"-t odd\"");
        await _harness.Engine.RestoreAsync(location, new RestoreWork(ContentPlace.File(file), _harness.NewUndo(location, "undo"), _ => Task.CompletedTask) { Rows = content.Rows }, RunProgress.None, Now);

        Assert.Equal([new TableRows("-t odd", 2)], content.Rows);
        Assert.Equal(["2"], await PostgresHarness.TextsAsync(name, "SELECT count(*) FROM \"-t odd\""));
        Assert.False(File.Exists("pwn"));
    }

    [Fact]
    public async Task Roles_travel_beside_it_without_their_passwords()
    {
        var role = _harness.OwnRole("writer");
        await PostgresHarness.ExecuteAsync("postgres", $"CREATE ROLE {role} LOGIN PASSWORD 'canary-of-the-role'");

        var (_, content) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);

        var roles = Assert.Single(content.Companions);
        Assert.Contains($"CREATE ROLE {role}", roles.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", roles.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("SCRAM", roles.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancel_leaves_no_session_and_no_file()
    {
        using var person = new ImpatientPerson(1, waitsForReport: false);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _harness.TakeBackupAsync(_location, person, person.Token));

        Assert.Equal(["0"], await PostgresHarness.TextsAsync("postgres", $"SELECT count(*) FROM pg_stat_activity WHERE datname = '{Database}' AND application_name LIKE 'dashboard dump%'"));
        Assert.DoesNotContain(Directory.GetFiles(_harness.Folder), file => file.Contains(".pass", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_gives_way_to_a_change_of_the_schema_that_waits_behind_it()
    {
        // Large enough that the dump is still at it: nobody reads what it writes until the change has waited.
        await using var changer = await PostgresHarness.OpenAsync(Database);
        using var nobodyReads = new StuckStream();
        var backup = _harness.Engine.WriteBackupAsync(_location, new BackupStaging(_harness.NewFile("slow.work"), nobodyReads), RunProgress.None, Now);
        await nobodyReads.Reached.WaitAsync(TimeSpan.FromSeconds(20), Now);
        var change = PostgresHarness.ExecuteAsync(changer, "ALTER TABLE customers ADD COLUMN late int");

        var busy = await Assert.ThrowsAsync<DatabaseBusyException>(() => backup);

        Assert.Contains("gave way", busy.Message, StringComparison.Ordinal);
        await change;
    }

    [Fact]
    public async Task A_login_that_may_not_read_everything_is_told_so_before_the_dump()
    {
        var role = _harness.OwnRole("weak");
        await PostgresHarness.ExecuteAsync("postgres", $"CREATE ROLE {role} LOGIN PASSWORD 'weak'");
        await PostgresHarness.ExecuteAsync(Database, $"GRANT SELECT ON customers, empty TO {role}");
        var weak = PostgresHarness.EngineFor(_location, role, "weak", out var location);

        var check = await weak.CheckLocationAsync(location, Now);
        var refusal = await Assert.ThrowsAsync<DatabaseException>(() => WriteAsync(weak, location));

        Assert.Contains("orders", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(LocationVerdict.Refused, check.Abilities.Single(ability => ability.Feature == "Back up").Verdict);
        Assert.Contains("CREATEDB", check.Abilities.Single(ability => ability.Feature == "Restore with undo").Words, StringComparison.Ordinal);
        await weak.DisposeAsync();
    }

    [Fact]
    public async Task Rows_that_row_security_would_hide_stop_it_before_the_dump()
    {
        var role = _harness.OwnRole("tenant");
        await PostgresHarness.ExecuteAsync("postgres", $"CREATE ROLE {role} LOGIN PASSWORD 'weak'");
        await PostgresHarness.ExecuteAsync(Database, $"GRANT pg_read_all_data TO {role}; ALTER TABLE customers ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON customers USING (id = 1)");
        var tenant = PostgresHarness.EngineFor(_location, role, "weak", out var location);

        var refusal = await Assert.ThrowsAsync<DatabaseException>(() => WriteAsync(tenant, location));

        Assert.Contains("customers", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("BYPASSRLS", refusal.NextStep, StringComparison.Ordinal);
        await tenant.DisposeAsync();
    }

    [Fact]
    public async Task A_session_that_is_ended_in_the_middle_is_a_failure_in_words()
    {
        var at = PostgresLocation.Parse(_location);
        await using var holder = await PostgresHarness.OpenAsync(Database);
        await PostgresHarness.ExecuteAsync(holder, "BEGIN; LOCK TABLE customers IN ACCESS EXCLUSIVE MODE");
        var backup = _harness.TakeBackupAsync(_location, cancellationToken: Now);
        await Until(async () => (await PostgresHarness.TextsAsync("postgres", $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{at.Database}' AND application_name LIKE 'dashboard dump%' AND query LIKE 'LOCK TABLE%'")).Count > 0);

        var fault = await Assert.ThrowsAsync<DatabaseException>(() => backup);

        Assert.Contains("pg_dump stopped", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(TestServer.Url, fault.ToString(), StringComparison.Ordinal);
    }

    private async Task WriteAsync(PostgresEngine engine, string location)
    {
        await using var artefact = new MemoryStream();
        await engine.WriteBackupAsync(location, new BackupStaging(_harness.NewFile("weak.work"), artefact), RunProgress.None, Now);
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

    /// <summary>Takes the first piece and then nothing, until its user gives up.</summary>
    private sealed class StuckStream : MemoryStream
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _reached.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
    }
}

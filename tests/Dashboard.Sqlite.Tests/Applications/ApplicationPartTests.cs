using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Xunit;

namespace Dashboard.Sqlite.Tests.Applications;

/// <summary>What needs its application is copied, counted and read back like all else; what can't be checked of it is named.</summary>
public sealed class ApplicationPartTests : IAsyncDisposable
{
    private readonly SqliteHarness _harness = new();

    public static TheoryData<string> Names => ApplicationKinds.Names;

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_backup_is_whole_counted_and_names_what_could_not_be_checked(string name)
    {
        var kind = ApplicationKinds.Of(name);
        var file = kind.Create(_harness);

        var (copy, content) = await _harness.TakeBackupAsync(file, cancellationToken: Now);

        Assert.Equal(CheckLevel.Compared, content.Level);
        Assert.Empty(content.Warnings);
        Assert.Contains(new TableRows("t", 5), content.Rows);
        Assert.Equal(kind.Unchecked is not null, content.Notes.Any(note => IsNamed(note, kind)));
        Assert.Equal("ok", ApplicationKinds.Kind.Judge(copy));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_is_restored_and_its_application_finds_it_sound(string name)
    {
        var file = ApplicationKinds.Of(name).Create(_harness);
        var (copy, _) = await _harness.TakeBackupAsync(file, cancellationToken: Now);
        SqliteHarness.Execute(file, "CREATE TABLE later (a)");

        await _harness.Engine.RestoreAsync(file, new RestoreWork(ContentPlace.File(copy), ContentPlace.File(file + ".undo"), _ => Task.CompletedTask), RunProgress.None, Now);

        Assert.Equal("ok", ApplicationKinds.Kind.Judge(file));
        Assert.Equal("0", SqliteHarness.Text(file, "SELECT count(*) FROM sqlite_schema WHERE name = 'later'"));
        Assert.Equal(5, (await _harness.Engine.CountTableAsync(file, "t", RunProgress.None, Now)).Value);
        Assert.Contains(new TableRows("t", 5), (await _harness.Engine.CountRowsAsync(file, TimeSpan.FromMinutes(1), Now)).Tables);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task No_check_calls_sound_what_it_could_not_look_into(string name)
    {
        var kind = ApplicationKinds.Of(name);
        var file = kind.Create(_harness);

        var full = await TaskOf("integrity-check").RunAsync(file, RunProgress.None, Now);
        var quick = await TaskOf("quick-check").RunAsync(file, RunProgress.None, Now);
        var health = await LookAsync(CheckOf(HealthKeys.Integrity), file, ("depth", "full"));
        var added = await _harness.Engine.CheckLocationAsync(file, Now);

        Assert.False(full.IsDamage, full.Problem);
        Assert.Equal(kind.Unchecked is not null, full.Findings.Any(finding => IsNamed(finding, kind)));
        Assert.Equal(kind.Unchecked is not null, full is { Problem: not null, NextStep: not null } && !full.Sentence.StartsWith("Sound", StringComparison.Ordinal));
        Assert.Equal(kind.Unchecked is null ? HealthVerdict.Pass : HealthVerdict.Warn, health.Verdict);
        Assert.Equal(kind.Unchecked is not null, health.Evidence.Contains("Could not check", StringComparison.Ordinal));
        Assert.Equal(kind.Unchecked is not null, added.Facts.Any(fact => fact is { Verdict: LocationVerdict.Warning } && fact.Value.StartsWith("Could not check", StringComparison.Ordinal)));
        Assert.False(quick.IsDamage, quick.Problem);
        Assert.DoesNotContain("SQLite Error", $"{full}{quick}{health}{added}", StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Damage_is_found_beside_what_could_not_be_checked(string name)
    {
        var file = ApplicationKinds.Of(name).Create(_harness);
        SqliteHarness.Execute(file, "CREATE TABLE other (id INTEGER PRIMARY KEY, body TEXT); CREATE INDEX other_body ON other (body); INSERT INTO other (body) VALUES ('one'), ('two');");
        SqliteHarness.Execute(file, "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'other_body'; PRAGMA writable_schema = RESET;");

        // A page that belongs to nothing now is what the check of the whole finds; the index that is gone, what the check of each table would not.
        SqliteHarness.Execute(file, "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema SELECT 'index', 'other_twice', 'other', rootpage, 'CREATE INDEX other_twice ON other (id, body)' FROM sqlite_schema WHERE name = 'other';");

        var full = await TaskOf("integrity-check").RunAsync(file, RunProgress.None, Now);

        Assert.True(full.IsDamage, full.Sentence);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task What_a_task_can_not_do_is_said_before_it_is_run(string name)
    {
        var kind = ApplicationKinds.Of(name);
        var file = kind.Create(_harness);
        SqliteHarness.Execute(file, "CREATE TABLE more (id INTEGER PRIMARY KEY, name TEXT); CREATE INDEX more_name ON more (name); INSERT INTO more (name) VALUES ('a'), ('b');");

        foreach (var task in ((IMaintained)_harness.Engine).Tasks)
        {
            var outlook = await task.LookAheadAsync(file, Now);
            if (outlook.Refusal is not null)
            {
                Assert.True(outlook.NextStep is not null || task.Description.Key == "checkpoint", $"{task.Description.Key}: {outlook.Refusal}");
                continue;
            }

            // What is not refused runs, and tells what it left out as the preview did.
            var result = await task.RunAsync(file, RunProgress.None, Now);
            Assert.False(result.IsDamage, $"{task.Description.Key}: {result.Problem}");
            Assert.True(result.Problem is null || result.NextStep is not null, $"{task.Description.Key}: {result}");
            Assert.DoesNotContain("SQLite Error", $"{outlook}{result}{string.Join(' ', result.Findings)}", StringComparison.Ordinal);
        }

        Assert.Equal(kind.CanVacuum, (await TaskOf("vacuum").LookAheadAsync(file, Now)).Refusal is null);
        Assert.Equal(kind.CanVacuum, (await TaskOf("compact").LookAheadAsync(file, Now)).Refusal is null);
        Assert.Equal("ok", ApplicationKinds.Kind.Judge(file));
    }

    [Fact]
    public async Task The_previews_name_what_is_left_out_and_what_is_missing()
    {
        var file = ApplicationKinds.Of("two indexes and a rule").Create(_harness);
        SqliteHarness.Execute(file, "CREATE TABLE more (id INTEGER PRIMARY KEY, name TEXT); CREATE INDEX more_name ON more (name); INSERT INTO more (name) VALUES ('a'), ('b');");

        Assert.Equal(
            "VACUUM can't rebuild table t (the function REGEXP), index i (the collation german) and index j (the function slugify): only the application has what that needs.",
            (await TaskOf("vacuum").LookAheadAsync(file, Now)).Refusal);
        Assert.EndsWith("Left out: t (the collation german).", (await TaskOf("analyze").LookAheadAsync(file, Now)).Gain, StringComparison.Ordinal);
        Assert.EndsWith("2 indexes can't be rebuilt here: i (the collation german) and j (the function slugify).", (await TaskOf("reindex").LookAheadAsync(file, Now)).Gain, StringComparison.Ordinal);

        var analyzed = await TaskOf("analyze").RunAsync(file, RunProgress.None, Now);

        Assert.Equal("Left out: t (the collation german).", analyzed.Problem);
        Assert.Equal("more_name", SqliteHarness.Text(file, "SELECT group_concat(idx) FROM sqlite_stat1"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Nothing_that_is_asked_of_it_ends_in_the_bare_words_of_the_engine(string name)
    {
        var file = ApplicationKinds.Of(name).Create(_harness);
        foreach (var check in ((IHealthChecked)_harness.Engine).HealthChecks)
        {
            var answer = await LookAsync(check, file);
            Assert.DoesNotContain("SQLite Error", answer.Evidence, StringComparison.Ordinal);
            Assert.NotEmpty(answer.Evidence);
        }

        var tables = await _harness.Engine.ReadTablesAsync(file, TimeSpan.FromSeconds(10), Now);
        Assert.Equal(5, tables.Tables.Single(table => table.Name == "t").Rows!.Value);
        await _harness.Engine.ReadIndexesAsync(file, Now);
        await _harness.Engine.ReadTableAsync(file, "t", TimeSpan.FromSeconds(10), Now);
    }

    private static bool IsNamed(string sentence, ApplicationKinds.Kind kind) =>
        kind.Unchecked is not null && sentence.StartsWith("Could not check ", StringComparison.Ordinal) && sentence.Contains(kind.Unchecked, StringComparison.Ordinal) && sentence.Contains(kind.Missing, StringComparison.OrdinalIgnoreCase);

    private static Task<HealthAnswer> LookAsync(IHealthCheck check, string file, params (string Key, string Value)[] values)
    {
        var database = new Database { Id = Guid.NewGuid(), Slug = "application", Name = "application", Engine = "sqlite", Location = file, AddedAt = DateTimeOffset.UnixEpoch };
        return check.LookAsync(new HealthQuestion(database, new HealthValues(check.Description.Fields, values.ToDictionary(value => value.Key, value => value.Value)), RunProgress.None), Now);
    }

    private IMaintenanceTask TaskOf(string key) => ((IMaintained)_harness.Engine).Tasks.Single(task => task.Description.Key == key);

    private IHealthCheck CheckOf(string key) => ((IHealthChecked)_harness.Engine).HealthChecks.Single(check => check.Description.Key == key);
}

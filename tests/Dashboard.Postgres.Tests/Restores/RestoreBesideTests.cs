using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dashboard.Postgres.Tests.Restores;

public sealed class RestoreBesideTests : IAsyncLifetime
{
    private readonly PostgresHarness _harness = new();
    private string _location = "";

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private string Database => PostgresHarness.DatabaseOf(_location);

    public async ValueTask InitializeAsync() => _location = await _harness.CreateAsync();

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    [Fact]
    public async Task What_belongs_to_the_database_and_not_to_its_content_is_the_same_after_it()
    {
        var reader = _harness.OwnRole("reader");
        await PostgresHarness.ExecuteAsync(
            "postgres",
            $"""
            CREATE ROLE {reader};
            COMMENT ON DATABASE {Database} IS 'it''s the shop';
            REVOKE CONNECT ON DATABASE {Database} FROM PUBLIC;
            GRANT CONNECT, TEMP ON DATABASE {Database} TO {reader} WITH GRANT OPTION;
            ALTER DATABASE {Database} SET work_mem = '7MB';
            ALTER DATABASE {Database} SET search_path = 'app, public', "odd path";
            ALTER ROLE {reader} IN DATABASE {Database} SET statement_timeout = '5s';
            ALTER DATABASE {Database} CONNECTION LIMIT 42;
            """);
        var before = await InventoryAsync();
        var (file, content) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);

        await _harness.Engine.RestoreAsync(_location, Work(file) with { Rows = content.Rows }, RunProgress.None, Now);

        Assert.Equal(before, await InventoryAsync());
        Assert.Contains(before, line => line.Contains("it's the shop", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sessions_of_others_are_ended_and_find_the_restored_content_when_they_come_back()
    {
        var (file, _) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        await _harness.ChangeAsync(_location);
        await using var application = await PostgresHarness.OpenAsync(Database);
        await PostgresHarness.ExecuteAsync(application, "BEGIN; UPDATE customers SET name = 'never committed'");

        await _harness.Engine.RestoreAsync(_location, Work(file), RunProgress.None, Now);

        await Assert.ThrowsAnyAsync<Npgsql.NpgsqlException>(() => PostgresHarness.ExecuteAsync(application, "COMMIT"));
        Assert.Equal(["1500"], await PostgresHarness.TextsAsync(Database, "SELECT count(*) FROM orders"));
    }

    [Fact]
    public async Task Rows_that_are_not_those_of_the_archive_stop_it_before_anything_is_changed()
    {
        var (file, content) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        await _harness.ChangeAsync(_location);
        var surroundings = await _harness.ListSurroundingsAsync(_location);
        var changed = await _harness.ReadAllAsync(_location);

        await Assert.ThrowsAsync<DatabaseException>(() => _harness.Engine.RestoreAsync(_location, Work(file) with { Rows = [.. content.Rows.Select(table => table with { Rows = table.Rows + 1 })] }, RunProgress.None, Now));

        Assert.Equal(surroundings, await _harness.ListSurroundingsAsync(_location));
        Assert.Equal(changed, await _harness.ReadAllAsync(_location));
    }

    [Fact]
    public async Task What_it_has_set_aside_is_listed_with_its_size_and_removed_when_asked()
    {
        var (file, _) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        var work = Work(file);
        await _harness.Engine.RestoreAsync(_location, work, RunProgress.None, Now);

        var kept = Assert.Single(await _harness.Engine.ListKeptAsync(_location, Now));
        await _harness.Engine.DropKeptAsync(_location, kept.Place, Now);
        await _harness.Engine.DropKeptAsync(_location, kept.Place, Now);

        Assert.Equal(work.Undo, kept.Place);
        Assert.True(kept.Bytes > 1_000_000);
        Assert.Empty(await _harness.Engine.ListKeptAsync(_location, Now));
    }

    [Fact]
    public async Task Nothing_that_no_restore_has_set_aside_is_ever_removed()
    {
        await Assert.ThrowsAsync<DatabaseException>(() => _harness.Engine.DropKeptAsync(_location, ContentPlace.Beside(Database), Now));
        await Assert.ThrowsAsync<DatabaseException>(() => _harness.Engine.DropKeptAsync(_location, ContentPlace.Beside("postgres"), Now));

        Assert.Single(await _harness.ListSurroundingsAsync(_location));
    }

    [Fact]
    public async Task What_a_killed_restore_was_building_is_swept_and_nothing_else()
    {
        var unfinished = $"{Database}__restore_20261122t021500z";
        var copy = $"{Database}__unfinished_restored-20261122-021500-ab12";
        var similar = $"{Database}__restore_by_hand";
        await PostgresHarness.ExecuteAsync("postgres", $"CREATE DATABASE \"{unfinished}\" TEMPLATE template0");
        await PostgresHarness.ExecuteAsync("postgres", $"CREATE DATABASE \"{copy}\" TEMPLATE template0");
        await PostgresHarness.ExecuteAsync("postgres", $"CREATE DATABASE \"{similar}\" TEMPLATE template0");

        await _harness.Engine.SweepAsync(_location, Now);

        var left = await _harness.ListSurroundingsAsync(_location);
        Assert.DoesNotContain(left, line => line.StartsWith(unfinished + " ", StringComparison.Ordinal));
        Assert.DoesNotContain(left, line => line.StartsWith(copy + " ", StringComparison.Ordinal));
        Assert.Contains(left, line => line.StartsWith(similar + " ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_role_that_is_missing_is_named_before_the_start()
    {
        var identity = new Dictionary<string, string> { ["roles"] = "[\"nobody_of_this_name\"]", ["extensions"] = "[\"no_such_extension\"]" };

        var outlook = await _harness.Engine.LookAheadAsync(_location, 1, identity, Now);

        Assert.Contains("no_such_extension", outlook.Blocker, StringComparison.Ordinal);
        Assert.Contains("nobody_of_this_name", (await _harness.Engine.LookAheadAsync(_location, 1, new Dictionary<string, string> { ["roles"] = identity["roles"] }, Now)).OwnersProblem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Twice_within_one_second_both_damaged_databases_are_kept()
    {
        var before = await _harness.ReadAllAsync(_location);
        var (file, content) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        await using var engine = new PostgresEngine(_harness, new FakeTimeProvider());
        List<string> aside = [];

        for (var time = 1; time <= 2; time++)
        {
            await _harness.DestroyAsync(_location);
            aside.Add((await engine.RestoreAsync(_location, Work(file) with { Undo = null, Rows = content.Rows }, RunProgress.None, Now)).SetAside!);
        }

        Assert.Equal(before, await _harness.ReadAllAsync(_location));
        Assert.Equal(2, aside.Distinct().Count());
        Assert.Equal(aside.Order(), (await engine.ListKeptAsync(_location, Now)).Select(kept => kept.Place.Name).Order());
    }

    private RestoreWork Work(string file) => new(ContentPlace.File(file), _harness.NewUndo(_location, "undo"), _ => Task.CompletedTask);

    private Task<IReadOnlyList<string>> InventoryAsync() => PostgresHarness.TextsAsync(
        "postgres",
        $"""
        SELECT concat_ws('|', pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, datctype, datconnlimit, shobj_description(oid, 'pg_database'))
            FROM pg_database WHERE datname = '{Database}'
        UNION ALL SELECT concat_ws('|', grantee, privilege_type, is_grantable) FROM pg_database, aclexplode(datacl) WHERE datname = '{Database}'
        UNION ALL SELECT concat_ws('|', setrole, setting) FROM pg_db_role_setting, unnest(setconfig) setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = '{Database}')
        ORDER BY 1
        """);
}

using System.Diagnostics;
using System.Text;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Foreign;
using Dashboard.Postgres.Tests.Server;
using Dashboard.Postgres.Tools;
using Xunit;

namespace Dashboard.Postgres.Tests.Foreign;

public sealed class ForeignDumpTests : IAsyncLifetime
{
    private readonly PostgresHarness _harness = new();
    private string _location = "";

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private PostgresEngine Engine => (PostgresEngine)_harness.Engine;

    private string Database => PostgresHarness.DatabaseOf(_location);

    private string NewLabel { get; } = $"restored-20261125-130000-{Guid.NewGuid().ToString("N")[..8]}";

    public async ValueTask InitializeAsync() => _location = await _harness.CreateAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var database in await PostgresHarness.TextsAsync("postgres", $"SELECT datname FROM pg_database WHERE starts_with(datname, '{Database}_')"))
        {
            await TestServer.DropDatabaseAsync(database);
        }

        await PostgresHarness.ExecuteAsync("postgres", $"DROP ROLE IF EXISTS {WeakRole.NameFor(NewLabel)}");
        await _harness.DisposeAsync();
    }

    [Fact]
    public async Task An_archive_is_recognised_by_its_content_with_the_roles_that_it_names()
    {
        var role = _harness.OwnRole("owner");
        await PostgresHarness.ExecuteAsync(Database, $"CREATE ROLE {role}; ALTER TABLE customers OWNER TO {role}");
        var (file, _) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        await PostgresHarness.ExecuteAsync(Database, $"ALTER TABLE customers OWNER TO CURRENT_USER; DROP ROLE {role}");

        var content = await Engine.RecogniseAsync(file, Now);
        var outlook = await Engine.LookAheadAsync(_location, 1, content.Identity, Now);

        Assert.Equal(ForeignKind.Archive, content.Kind);
        Assert.Contains(Database, content.Title, StringComparison.Ordinal);
        Assert.Contains(role, outlook.OwnersProblem, StringComparison.Ordinal);
        Assert.Null(outlook.Blocker);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("hello, world", "neither")]
    [InlineData("SQLite format 3\0", "SQLite")]
    [InlineData("PGDMP and then nothing", "pg_restore can't read it")]
    [InlineData("--\n-- PostgreSQL database cluster dump\n--\n", "whole server")]
    [InlineData("--\n-- PostgreSQL database dump\n--\nCREATE TABLE t (id int);\n", "cut off")]
    [InlineData("-- MySQL dump 10.13\nSELECT 1;", "MySQL")]
    [InlineData("\0\u0001\u0002", "no text")]
    public async Task Anything_else_is_refused_in_a_sentence(string content, string word)
    {
        var refusal = await Assert.ThrowsAsync<DatabaseException>(() => Engine.RecogniseAsync(Write(content), Now));

        Assert.Contains(word, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plain_dump_becomes_a_new_database_whoever_owned_what()
    {
        var role = _harness.OwnRole("owner");
        await PostgresHarness.ExecuteAsync(Database, $"CREATE ROLE {role}; ALTER TABLE customers OWNER TO {role}; GRANT SELECT ON orders TO {role}; INSERT INTO customers VALUES (1000, E'\\rcarriage\\treturn \\\\. ü');");
        var file = Write(await DumpAsync());
        await PostgresHarness.ExecuteAsync(Database, $"ALTER TABLE customers OWNER TO CURRENT_USER; REVOKE ALL ON orders FROM {role}; DROP ROLE {role}");

        var kind = (await Engine.RecogniseAsync(file, Now)).Kind;
        var made = await Engine.RunScriptAsync(_location, new CopyWork(file, NewLabel), RunProgress.None, Now);

        Assert.Equal(ForeignKind.Script, kind);
        Assert.Equal(await _harness.ReadAllAsync(_location), await _harness.ReadAllAsync(made.Location));
        Assert.Contains(role, Assert.Single(made.Warnings), StringComparison.Ordinal);
        Assert.Equal(["f f f f f 0"], await PostgresHarness.TextsAsync("postgres", $"SELECT concat_ws(' ', rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, (SELECT count(*) FROM pg_auth_members WHERE member = r.oid)) FROM pg_roles r WHERE rolname = '{WeakRole.NameFor(NewLabel)}'"));
        Assert.Equal(made.Location, await Engine.FindCopyAsync(_location, NewLabel, Now));
    }

    [Theory]
    [InlineData("\\! touch {0}", "start a program")]
    [InlineData("\\restrict again\n\\unrestrict again\n\\! touch {0}", "start a program")]
    [InlineData("\\o |touch {0}", "start a program")]
    [InlineData("\\copy t TO PROGRAM 'touch {0}'", "start a program")]
    [InlineData("COPY t TO PROGRAM 'touch {0}';", "asks for more")]
    [InlineData("COPY t TO '{0}';", "asks for more")]
    [InlineData("RESET ROLE; RESET SESSION AUTHORIZATION; COPY t TO PROGRAM 'touch {0}';", "asks for more")]
    [InlineData("CREATE MATERIALIZED VIEW v AS SELECT 1;\nCREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$BEGIN COPY (SELECT 1) TO PROGRAM 'touch {0}'; RETURN 1; END$$;\nSELECT f();", "asks for more")]
    [InlineData("CREATE ROLE \"{0}\" SUPERUSER;", "asks for more")]
    [InlineData("ALTER SYSTEM SET archive_command = 'touch {0}';", "psql stopped")]
    public async Task A_hostile_script_is_refused_and_leaves_nothing(string hostile, string word)
    {
        // Where both users, the dashboard's and the server's, can write.
        var pwned = $"/tmp/pwned_{Guid.NewGuid():N}";
        var file = Write("-- PostgreSQL database dump\n\nCREATE TABLE t (id int);\nINSERT INTO t VALUES (1);\n" + hostile.Replace("{0}", pwned, StringComparison.Ordinal) + "\n");
        var surroundings = await _harness.ListSurroundingsAsync(_location);

        var refusal = await Assert.ThrowsAsync<DatabaseException>(() => Engine.RunScriptAsync(_location, new CopyWork(file, NewLabel), RunProgress.None, Now));

        Assert.Contains(word, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("line ", refusal.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(pwned));
        Assert.Equal(surroundings, await _harness.ListSurroundingsAsync(_location));
        Assert.Empty(await PostgresHarness.TextsAsync("postgres", $"SELECT rolname FROM pg_roles WHERE rolname IN ('{WeakRole.NameFor(NewLabel)}', '{pwned}')"));
        Assert.False(File.Exists(file + ".pass"));
    }

    [Fact]
    public async Task What_a_script_makes_belongs_to_nobody_whose_rights_it_could_use_later()
    {
        var file = Write("-- PostgreSQL database dump\nCREATE TABLE t (id int);\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';\n");

        var made = await Engine.RunScriptAsync(_location, new CopyWork(file, NewLabel), RunProgress.None, Now);

        var name = PostgresHarness.DatabaseOf(made.Location);
        Assert.Equal([WeakRole.NameFor(NewLabel)], await PostgresHarness.TextsAsync(name, "SELECT DISTINCT pg_get_userbyid(o) FROM (SELECT relowner o FROM pg_class WHERE relname = 't' UNION ALL SELECT proowner FROM pg_proc WHERE proname = 'f' UNION ALL SELECT datdba FROM pg_database WHERE datname = current_database()) all_of_it"));
    }

    [Fact]
    public async Task A_login_that_may_make_roles_and_databases_is_enough_and_one_that_may_not_is_told_why()
    {
        var (able, unable) = (_harness.OwnRole("able"), _harness.OwnRole("unable"));
        await PostgresHarness.ExecuteAsync("postgres", $"CREATE ROLE {able} LOGIN CREATEDB CREATEROLE PASSWORD 'able'; CREATE ROLE {unable} LOGIN CREATEDB PASSWORD 'unable'");
        await using var weak = PostgresHarness.EngineFor(_location, able, "able", out var ofAble);
        await using var none = PostgresHarness.EngineFor(_location, unable, "unable", out var ofUnable);
        var file = Write("-- PostgreSQL database dump\nCREATE TABLE t (id int);\nINSERT INTO t VALUES (1);\n");

        var made = await weak.RunScriptAsync(ofAble, new CopyWork(file, NewLabel), RunProgress.None, Now);

        Assert.Equal(1, Assert.Single((await weak.CountRowsAsync(made.Location, TimeSpan.FromSeconds(10), Now)).Tables).Rows);
        Assert.Null(await weak.FindScriptBlockerAsync(ofAble, Now));
        Assert.Contains("CREATEROLE", await none.FindScriptBlockerAsync(ofUnable, Now), StringComparison.Ordinal);
        await Assert.ThrowsAsync<DatabaseException>(() => none.RunScriptAsync(ofUnable, new CopyWork(file, "restored-other"), RunProgress.None, Now));
        await TestServer.DropDatabaseAsync(PostgresHarness.DatabaseOf(made.Location));
        await PostgresHarness.ExecuteAsync("postgres", $"DROP ROLE {WeakRole.NameFor(NewLabel)}");
    }

    [Fact]
    public async Task A_cancel_and_a_kill_leave_neither_database_nor_role()
    {
        var file = Write("-- PostgreSQL database dump\nCREATE TABLE t (id int);\nSELECT pg_sleep(600);\n");
        var surroundings = await _harness.ListSurroundingsAsync(_location);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Engine.RunScriptAsync(_location, new CopyWork(file, NewLabel), RunProgress.None, patience.Token));
        Assert.Equal(surroundings, await _harness.ListSurroundingsAsync(_location));
        var role = WeakRole.NameFor(NewLabel);
        await PostgresHarness.ExecuteAsync("postgres", $"CREATE ROLE {role} LOGIN");
        await PostgresHarness.ExecuteAsync("postgres", $"CREATE DATABASE \"{Database}__unfinished_{NewLabel}\" OWNER {role}");

        Assert.Null(await Engine.FindCopyAsync(_location, NewLabel, Now));
        Assert.Equal(surroundings, await _harness.ListSurroundingsAsync(_location));
        Assert.Empty(await PostgresHarness.TextsAsync("postgres", $"SELECT rolname FROM pg_roles WHERE rolname = '{role}'"));
    }

    [Fact]
    public async Task An_archive_whose_roles_are_missing_is_restored_without_owners_and_says_so()
    {
        var role = _harness.OwnRole("owner");
        await PostgresHarness.ExecuteAsync(Database, $"CREATE ROLE {role}; ALTER TABLE customers OWNER TO {role}; GRANT SELECT ON orders TO {role}");
        var (file, content) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        await PostgresHarness.ExecuteAsync(Database, $"ALTER TABLE customers OWNER TO CURRENT_USER; REVOKE ALL ON orders FROM {role}; DROP ROLE {role}");
        var before = await _harness.ReadAllAsync(_location);
        await _harness.ChangeAsync(_location);

        var work = new RestoreWork(ContentPlace.File(file), _harness.NewUndo(_location, "undo"), _ => Task.CompletedTask) { Rows = content.Rows };
        await Assert.ThrowsAsync<DatabaseException>(() => Engine.RestoreAsync(_location, work, RunProgress.None, Now));
        var done = await Engine.RestoreAsync(_location, work with { WithoutOwners = true }, RunProgress.None, Now);
        var copy = await Engine.RestoreAsCopyAsync(_location, new CopyWork(file, NewLabel) { WithoutOwners = true }, RunProgress.None, Now);

        Assert.Equal(before, await _harness.ReadAllAsync(_location));
        Assert.Equal(before, await _harness.ReadAllAsync(copy.Location));
        Assert.Contains("Owners and rights", Assert.Single(done.Warnings), StringComparison.Ordinal);
        Assert.Contains("Owners and rights", Assert.Single(copy.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("13.22", true)]
    [InlineData("15.13", false)]
    [InlineData("15.14", true)]
    [InlineData("16.9", false)]
    [InlineData("17.6", true)]
    [InlineData("18.0", true)]
    [InlineData("12.22", false)]
    public void Which_psql_knows_restrict(string version, bool knows) => Assert.Equal(knows, FindTools.KnowsRestrict(Version.Parse(version)));

    private string Write(string content)
    {
        var file = _harness.NewFile($"foreign-{Guid.NewGuid():N}.dump");
        File.WriteAllText(file, content, new UTF8Encoding(false));
        return file;
    }

    private async Task<string> DumpAsync()
    {
        var server = LocationText.Read(TestServer.Url);
        var start = new ProcessStartInfo(new FindTools(null).Newest().Path("pg_dump"), [Database]) { RedirectStandardOutput = true };
        foreach (var (key, value) in new[] { ("PGHOST", server.Location!.Host), ("PGPORT", $"{server.Location.Port}"), ("PGUSER", server.Location.User), ("PGPASSWORD", server.Password), ("PGSSLMODE", server.Location.TlsWord), ("PGSSLROOTCERT", server.Location.RootCertificate) })
        {
            start.Environment[key] = value;
        }

        using var process = Process.Start(start)!;
        var said = await process.StandardOutput.ReadToEndAsync(Now);
        await process.WaitForExitAsync(Now);
        Assert.Equal(0, process.ExitCode);
        return said;
    }
}

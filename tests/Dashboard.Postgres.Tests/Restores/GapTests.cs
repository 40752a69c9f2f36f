using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Dashboard.Core.Backups;
using Dashboard.Core.Jobs;
using Dashboard.Postgres.Archives;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Tests.Server;
using Dashboard.Postgres.Tools;
using Xunit;

namespace Dashboard.Postgres.Tests.Restores;

/// <summary>What a login can't restore is named before anything runs, and the advice works.</summary>
public sealed partial class GapTests : IAsyncLifetime
{
    private readonly PostgresHarness _harness = new();
    private string _location = "";
    private string _owner = "";
    private string _second = "";
    private string _weak = "";
    private string _space = "";

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private string Database => PostgresHarness.DatabaseOf(_location);

    public async ValueTask InitializeAsync()
    {
        _location = await _harness.CreateAsync();
        (_owner, _second, _weak) = (_harness.OwnRole("owner"), _harness.OwnRole("second"), _harness.OwnRole("weak"));
        _space = "space" + _owner[5..];
        await PostgresHarness.ExecuteAsync(
            "postgres",
            $"CREATE ROLE {_owner}; CREATE ROLE {_second}; CREATE ROLE {_weak} LOGIN CREATEDB PASSWORD 'weak'; ALTER DATABASE {Database} OWNER TO {_owner}");
        await PostgresHarness.ExecuteAsync(Database, $"DO $$ DECLARE t text; BEGIN FOREACH t IN ARRAY ARRAY['customers', 'orders', 'empty'] LOOP EXECUTE format('ALTER TABLE %I OWNER TO {_owner}', t); END LOOP; END $$; ALTER SEQUENCE tickets OWNER TO {_owner}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var database in await PostgresHarness.TextsAsync("postgres", $"SELECT datname FROM pg_database WHERE starts_with(datname, '{Database}')"))
        {
            foreach (var subscription in await PostgresHarness.TextsAsync(database, "SELECT quote_ident(subname) FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())"))
            {
                await PostgresHarness.ExecuteAsync(database, $"DROP SUBSCRIPTION {subscription}");
            }

            await TestServer.DropDatabaseAsync(database);
        }

        await PostgresHarness.ExecuteAsync("postgres", $"DROP OWNED BY {_weak}, {_second}, {_owner}");
        await PostgresHarness.ExecuteAsync("postgres", $"DROP TABLESPACE IF EXISTS {_space}");
        await _harness.DisposeAsync();
    }

    [Fact]
    public async Task Every_gap_of_one_database_is_named_before_anything_runs_and_the_named_grants_are_enough()
    {
        await PlantAsync();
        var (file, content) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        await PostgresHarness.ExecuteAsync(Database, "DROP SUBSCRIPTION news");
        var before = await _harness.ReadAllAsync(_location);
        await using var engine = PostgresHarness.EngineFor(_location, _weak, "weak", out var location);
        var identity = await IdentityAsync(engine, file, content.Identity);
        var surroundings = await _harness.ListSurroundingsAsync(_location);

        var outlook = await engine.LookAheadAsync(location, 1, identity, Now);

        var said = Said(outlook);
        foreach (var word in new[]
        {
            "Extension pageinspect is not trusted", "Event trigger watcher", "Foreign data wrapper bare", "Function app.native(integer)", "Function app.sealed(integer)", "Operator class app.ops",
            "Access method heap2", "Text search template app.words", "Publication everything", "Publication schemas", "Cast (money AS bigint)", "Procedural language plx", "Subscription news",
            $"Tablespace {_space} may not be used", "log_min_duration_statement of this database", "my.custom of this database", $"work_mem of the role {_second}", "Function app.noisy()", "log_duration",
            $"belong to {_second}, and {_weak} is no member", $"{_second}, who owns table app.others, can't create in the schema app", $"{_second}, who owns publication second, can't create in the database", "Type app.base",
        })
        {
            Assert.Contains(word, said, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Contains(outlook.Gaps, gap => gap.LeftOut?.Contains("foreign table app.far", StringComparison.Ordinal) == true);
        Assert.Equal(surroundings, await _harness.ListSurroundingsAsync(_location));
        await AssertNothingElseFailsAsync(file, identity);

        // The advice, word by word.
        var grants = Grant().Matches(said).Select(match => match.Value).Distinct().ToList();
        Assert.DoesNotContain(grants, grant => grant.Contains("dashboard_tests", StringComparison.Ordinal));
        foreach (var grant in grants)
        {
            await PostgresHarness.ExecuteAsync("postgres", grant);
        }

        var after = await engine.LookAheadAsync(location, 1, identity, Now);
        Assert.Null(after.Blocker);
        Assert.Null(after.OwnersProblem);
        Assert.All(after.Gaps, gap => Assert.True(gap.CanBeLeftOut, gap.Problem));
        Assert.DoesNotContain(after.Gaps, gap => gap.Cure.Contains("GRANT", StringComparison.Ordinal));
        await _harness.ChangeAsync(_location);
        await EndSessionsAsync();
        var result = await engine.RestoreAsync(location, Work(file) with { Rows = content.Rows, LeavesOut = true }, RunProgress.None, Now);

        Assert.Equal(before, await _harness.ReadAllAsync(_location));
        Assert.All(after.Gaps.Where(gap => !gap.Problem.StartsWith("Subscription", StringComparison.Ordinal)), gap => Assert.Contains(result.Warnings, warning => warning.Contains(gap.Problem, StringComparison.Ordinal)));
        Assert.Contains(result.Warnings, warning => warning.StartsWith("The subscription news was left out", StringComparison.Ordinal));
        Assert.Equal([_second], await PostgresHarness.TextsAsync(Database, "SELECT tableowner FROM pg_tables WHERE tablename = 'others'"));
        Assert.Equal([_space], await PostgresHarness.TextsAsync(Database, "SELECT tablespace FROM pg_tables WHERE tablename = 'elsewhere'"));
        Assert.Equal(["log_min_duration_statement=7s,my.custom=a'b"], await PostgresHarness.TextsAsync("postgres", $"SELECT array_to_string(setconfig, ',') FROM pg_db_role_setting WHERE setrole = 0 AND setdatabase = (SELECT oid FROM pg_database WHERE datname = '{Database}')"));
    }

    [Fact]
    public async Task Another_login_closes_every_gap()
    {
        await PlantAsync();
        var (file, content) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);

        var outlook = await _harness.Engine.LookAheadAsync(_location, 1, await IdentityAsync((IListsContents)_harness.Engine, file, content.Identity), Now);

        Assert.Empty(outlook.Gaps);
        Assert.Null(outlook.OwnersProblem);
        await _harness.Engine.RestoreAsync(_location, Work(file) with { Rows = content.Rows }, RunProgress.None, Now);
    }

    [Fact]
    public async Task It_is_asked_of_the_backup_and_not_of_what_is_there_now()
    {
        await PostgresHarness.ExecuteAsync("postgres", $"GRANT {_owner} TO {_weak}");
        var (clean, cleanContent) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        await PostgresHarness.ExecuteAsync(Database, $"CREATE EXTENSION pageinspect; CREATE TABLE foreign_thing (id int); ALTER TABLE foreign_thing OWNER TO {_second}");
        var (odd, oddContent) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        await PostgresHarness.ExecuteAsync(Database, "DROP EXTENSION pageinspect; DROP TABLE foreign_thing");
        await using var engine = PostgresHarness.EngineFor(_location, _weak, "weak", out var location);

        var withIt = await engine.LookAheadAsync(location, 1, await IdentityAsync(engine, odd, oddContent.Identity), Now);
        await PostgresHarness.ExecuteAsync(Database, $"CREATE EXTENSION pageinspect; CREATE TABLE foreign_thing (id int); ALTER TABLE foreign_thing OWNER TO {_second}");
        var without = await engine.LookAheadAsync(location, 1, await IdentityAsync(engine, clean, cleanContent.Identity), Now);

        Assert.Contains("pageinspect", Assert.Single(withIt.Gaps).Problem, StringComparison.Ordinal);
        Assert.Contains(_second, withIt.OwnersProblem, StringComparison.Ordinal);
        Assert.Empty(without.Gaps);
        Assert.Null(without.OwnersProblem);
    }

    [Fact]
    public async Task Nobody_is_told_to_join_a_superuser_and_members_of_extensions_do_not_count()
    {
        var admin = _harness.OwnRole("admin");
        await PostgresHarness.ExecuteAsync("postgres", $"CREATE ROLE {admin} SUPERUSER; ALTER DATABASE {Database} OWNER TO {admin}; GRANT {_owner} TO {_weak}");
        await PostgresHarness.ExecuteAsync(Database, $"CREATE TABLE of_admin (id int); ALTER TABLE of_admin OWNER TO {admin}; CREATE EXTENSION hstore");
        var (file, content) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        await using var engine = PostgresHarness.EngineFor(_location, _weak, "weak", out var location);

        var outlook = await engine.LookAheadAsync(location, 1, await IdentityAsync(engine, file, content.Identity), Now);
        var page = await engine.CheckLocationAsync(location.Replace($"{_weak}@", $"{_weak}:weak@", StringComparison.Ordinal), Now);

        var all = string.Join(" ", Said(outlook), outlook.Blocker, outlook.LoginProblem, string.Join(" ", page.Abilities.Select(ability => ability.Words)));
        Assert.Contains($"Table of_admin belongs to {admin}, a superuser", all, StringComparison.Ordinal);
        Assert.Contains($"belongs to {admin}, a superuser: ALTER DATABASE", outlook.Blocker, StringComparison.Ordinal);
        Assert.DoesNotMatch($"(GRANT|membership in) \"?({admin}|dashboard_tests)", all);
        Assert.DoesNotContain("hstore", outlook.OwnersProblem, StringComparison.Ordinal);
        await PostgresHarness.ExecuteAsync("postgres", $"ALTER DATABASE {Database} OWNER TO {_owner}");
        await PostgresHarness.ExecuteAsync(Database, $"DROP OWNED BY {admin}");
    }

    [Fact]
    public async Task The_login_of_the_readme_restores_what_its_owner_made_and_the_page_says_so()
    {
        await PostgresHarness.ExecuteAsync("postgres", $"GRANT {_owner}, pg_monitor, pg_read_all_data, pg_signal_backend TO {_weak}");
        await PostgresHarness.ExecuteAsync(
            Database,
            $"""
            SET ROLE {_owner};
            CREATE EXTENSION citext; CREATE SCHEMA app; CREATE TABLE app.t (id serial PRIMARY KEY, mail citext);
            CREATE FUNCTION app.f() RETURNS int LANGUAGE plpgsql SET work_mem = '7MB' AS 'BEGIN RETURN 1; END'; CREATE VIEW app.v AS SELECT * FROM app.t;
            CREATE MATERIALIZED VIEW app.m AS SELECT count(*) FROM app.t; CREATE PUBLICATION p FOR TABLE app.t; CREATE COLLATION app.c FROM "C"; CREATE TYPE app.mood AS ENUM ('sad'); CREATE TYPE app.span AS RANGE (SUBTYPE = float8);
            CREATE AGGREGATE app.total(int) (SFUNC = int4pl, STYPE = int); CREATE OPERATOR app.@+ (LEFTARG = int, RIGHTARG = int, FUNCTION = int4pl); CREATE STATISTICS app.st ON id, mail FROM app.t;
            CREATE TEXT SEARCH CONFIGURATION app.ts (COPY = simple); ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO {_second}; GRANT SELECT ON app.t TO {_second};
            ALTER TABLE app.t ENABLE ROW LEVEL SECURITY; CREATE POLICY mine ON app.t TO {_second} USING (true); SELECT lo_from_bytea(0, 'x'); COMMENT ON TABLE app.t IS 'owner to nobody;';
            ALTER DATABASE {Database} SET work_mem = '8MB';
            """);
        await using var engine = PostgresHarness.EngineFor(_location, _weak, "weak", out var location);

        var page = await engine.CheckLocationAsync(location.Replace($"{_weak}@", $"{_weak}:weak@", StringComparison.Ordinal), Now);
        var (file, content) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        var outlook = await engine.LookAheadAsync(location, 1, await IdentityAsync(engine, file, content.Identity), Now);
        await EndSessionsAsync();
        var result = await engine.RestoreAsync(location, Work(file) with { Rows = content.Rows }, RunProgress.None, Now);

        var restore = page.Abilities.Single(ability => ability.Feature == "Restore with undo");
        Assert.True(restore.Verdict == Core.Databases.LocationVerdict.Good, restore.Words);
        Assert.Empty(outlook.Gaps);
        Assert.Null(outlook.OwnersProblem);
        Assert.Empty(result.Warnings);
        Assert.Equal(["work_mem=8MB"], await PostgresHarness.TextsAsync("postgres", $"SELECT array_to_string(setconfig, ',') FROM pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = '{Database}')"));
    }

    [Fact]
    public async Task The_page_names_what_a_restore_would_lack()
    {
        await PlantAsync();
        await using var engine = PostgresHarness.EngineFor(_location, _weak, "weak", out var location);

        var page = await engine.CheckLocationAsync(location.Replace($"{_weak}@", $"{_weak}:weak@", StringComparison.Ordinal), Now);

        var restore = page.Abilities.Single(ability => ability.Feature == "Restore with undo");
        Assert.Equal(Core.Databases.LocationVerdict.Warning, restore.Verdict);
        foreach (var word in new[] { $"membership in \"{_owner}\"", $"membership in \"{_second}\"", "log_min_duration_statement", "my.custom", "Only a superuser can restore", "access method heap2" })
        {
            Assert.Contains(word, restore.Words, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Rights_that_were_passed_on_need_their_giver_or_are_left_out_with_owners()
    {
        await PostgresHarness.ExecuteAsync("postgres", $"GRANT {_owner} TO {_weak}");
        await PostgresHarness.ExecuteAsync(Database, $"GRANT SELECT ON customers TO {_second} WITH GRANT OPTION; SET ROLE {_second}; GRANT SELECT ON customers TO {_weak}");
        var (file, content) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        await using var engine = PostgresHarness.EngineFor(_location, _weak, "weak", out var location);

        var outlook = await engine.LookAheadAsync(location, 1, await IdentityAsync(engine, file, content.Identity), Now);

        Assert.Contains($"granted by {_second}", outlook.OwnersProblem, StringComparison.Ordinal);
        await EndSessionsAsync();
        await engine.RestoreAsync(location, Work(file) with { Rows = content.Rows, WithoutOwners = true }, RunProgress.None, Now);
    }

    [Fact]
    public async Task An_extension_that_will_get_another_owner_is_said_and_passwords_in_clear_too()
    {
        await PostgresHarness.ExecuteAsync("postgres", $"GRANT {_owner} TO {_weak}");
        await PostgresHarness.ExecuteAsync(
            Database,
            """
            CREATE EXTENSION citext; CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'nowhere.invalid');
            CREATE USER MAPPING FOR CURRENT_USER SERVER far OPTIONS (user 'x', password 'hush');
            CREATE SUBSCRIPTION news CONNECTION 'host=nowhere.invalid dbname=x password=hush' PUBLICATION p WITH (connect = false, slot_name = NONE);
            """);
        var (file, content) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        await using var engine = PostgresHarness.EngineFor(_location, _weak, "weak", out var location);

        var outlook = await engine.LookAheadAsync(location, 1, await IdentityAsync(engine, file, content.Identity), Now);

        Assert.Contains(outlook.Warnings, warning => warning.Contains($"citext", StringComparison.Ordinal) && warning.Contains($"will belong to {_weak}", StringComparison.Ordinal));
        string[] secrets = ["The password of the user mapping of dashboard_tests for the server far is in the dump in clear text.", "The password of the subscription news is in the dump in clear text."];
        Assert.Equal(secrets, content.Notes.Order().Reverse());
        Assert.All(secrets, secret => Assert.Contains(secret, outlook.Warnings));
        Assert.DoesNotContain("hush", string.Join(" ", identityOf(outlook)), StringComparison.Ordinal);

        static IEnumerable<string> identityOf(RestoreOutlook outlook) => outlook.Warnings.Concat(outlook.Gaps.Select(gap => gap.Problem));
    }

    [Theory]
    [InlineData("ROLE {0} IN DATABASE {2}", "role = '{1}'", "role={1}")]
    [InlineData("ROLE {0} IN DATABASE {2}", "statement_timeout = '1ms'", "statement_timeout=1ms")]
    [InlineData("DATABASE {2}", "idle_in_transaction_session_timeout = '1ms'", "idle_in_transaction_session_timeout=1ms")]
    [InlineData("DATABASE {2}", "default_transaction_read_only = on", "default_transaction_read_only=on")]
    [InlineData("DATABASE {2}", "search_path = 'app, public', \"odd \"\"path\"\"\", x", "search_path=\"app, public\", \"odd \"\"path\"\"\", x")]
    public async Task A_setting_that_would_change_the_restoring_session_comes_along_all_the_same(string target, string setting, string stored)
    {
        string Named(string text) => string.Format(CultureInfo.InvariantCulture, text, _weak, _second, Database);
        var (file, _) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        await PostgresHarness.ExecuteAsync("postgres", Named($"ALTER {target} SET {setting}"));

        await _harness.Engine.RestoreAsync(_location, Work(file), RunProgress.None, Now);

        Assert.Equal([Named(stored)], await PostgresHarness.TextsAsync("postgres", $"SELECT array_to_string(setconfig, ',') FROM pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = '{Database}')"));
    }

    private async Task PlantAsync()
    {
        await using (var session = await PostgresHarness.OpenAsync("postgres"))
        {
            await PostgresHarness.ExecuteAsync(session, "SET allow_in_place_tablespaces = on");
            await PostgresHarness.ExecuteAsync(session, $"CREATE TABLESPACE {_space} LOCATION ''");
        }

        await PostgresHarness.ExecuteAsync(
            Database,
            $"""
            CREATE SCHEMA app AUTHORIZATION {_owner};
            GRANT USAGE, CREATE ON SCHEMA app TO {_second};
            CREATE TABLE app.others (id int); ALTER TABLE app.others OWNER TO {_second};
            CREATE TABLE app.elsewhere (id int) TABLESPACE {_space}; ALTER TABLE app.elsewhere OWNER TO {_owner};
            CREATE EXTENSION pageinspect SCHEMA app;
            CREATE FUNCTION app.watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; ALTER FUNCTION app.watch() OWNER TO {_owner};
            CREATE EVENT TRIGGER watcher ON ddl_command_start EXECUTE FUNCTION app.watch();
            CREATE FOREIGN DATA WRAPPER bare; CREATE SERVER far FOREIGN DATA WRAPPER bare; CREATE FOREIGN TABLE app.far (id int) SERVER far;
            CREATE FUNCTION app.native(int) RETURNS int LANGUAGE internal AS 'int4abs';
            CREATE FUNCTION app.sealed(int) RETURNS int LANGUAGE sql LEAKPROOF AS 'SELECT 1';
            CREATE FUNCTION app.noisy() RETURNS int LANGUAGE sql SET log_duration = 'on' AS 'SELECT 1'; ALTER FUNCTION app.noisy() OWNER TO {_owner};
            CREATE OPERATOR CLASS app.ops FOR TYPE int USING btree AS OPERATOR 1 <, FUNCTION 1 btint4cmp(int, int);
            CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler;
            CREATE TEXT SEARCH TEMPLATE app.words (LEXIZE = dsimple_lexize);
            CREATE TYPE app.base;
            CREATE CAST (money AS bigint) WITHOUT FUNCTION;
            CREATE FUNCTION app.plx() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler'; CREATE TRUSTED LANGUAGE plx HANDLER app.plx;
            CREATE PUBLICATION everything FOR ALL TABLES; CREATE PUBLICATION schemas FOR TABLES IN SCHEMA app;
            CREATE PUBLICATION second FOR TABLE app.others; GRANT CREATE ON DATABASE {Database} TO {_second}; ALTER PUBLICATION second OWNER TO {_second};
            CREATE SUBSCRIPTION news CONNECTION 'host=nowhere.invalid dbname=x' PUBLICATION p WITH (connect = false, slot_name = NONE);
            ALTER DATABASE {Database} SET log_min_duration_statement = '7s';
            ALTER DATABASE {Database} SET my.custom = 'a''b';
            ALTER ROLE {_second} IN DATABASE {Database} SET work_mem = '7MB';
            """);
    }

    /// <summary>What the server itself refuses to this login, entry by entry, has been named: none of it was found by trying.</summary>
    private async Task AssertNothingElseFailsAsync(string file, IReadOnlyDictionary<string, string> identity)
    {
        var contents = ArchiveContents.Read(identity)!;
        var named = contents.Demands.SelectMany(demand => demand.Things.Select(thing => thing.Id).Concat(demand.AlongIds)).ToHashSet();
        await PostgresHarness.ExecuteAsync("postgres", $"CREATE DATABASE {Database}_tried TEMPLATE template0 OWNER {_weak}");
        var server = LocationText.Read(TestServer.Url);
        var start = new ProcessStartInfo(new FindTools(null).Newest().Path("pg_restore"), ["--verbose", $"--dbname={Database}_tried", file]) { RedirectStandardError = true };
        foreach (var (key, value) in new[] { ("PGHOST", server.Location!.Host), ("PGPORT", $"{server.Location.Port}"), ("PGUSER", _weak), ("PGPASSWORD", "weak"), ("PGSSLMODE", server.Location.TlsWord), ("PGSSLROOTCERT", server.Location.RootCertificate), ("LC_ALL", "C") })
        {
            start.Environment[key] = value;
        }

        using var process = Process.Start(start)!;
        var said = await process.StandardError.ReadToEndAsync(Now);
        await process.WaitForExitAsync(Now);
        var failed = FailedEntry().Matches(said).Select(match => int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)).ToHashSet();

        Assert.NotEmpty(failed);
        Assert.True(failed.IsSubsetOf(named), string.Join("\n", said.Split('\n').Where(line => FailedEntry().Match(line) is { Success: true } match && !named.Contains(int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)))));
    }

    private static string Said(RestoreOutlook outlook) =>
        string.Join("\n", outlook.Gaps.Select(gap => $"{gap.Problem} {gap.Cure}").Append(outlook.OwnersProblem).Append(outlook.Blocker).Concat(outlook.Warnings));

    private static async Task<IReadOnlyDictionary<string, string>> IdentityAsync(IListsContents engine, string file, IReadOnlyDictionary<string, string> identity)
    {
        await using var content = File.OpenRead(file);
        return new Dictionary<string, string>(identity.Concat(await engine.ListContentsAsync(content, Now)));
    }

    /// <summary>Those of the superuser as whom the tests look: no login but a superuser may end them.</summary>
    private Task<IReadOnlyList<string>> EndSessionsAsync() =>
        PostgresHarness.TextsAsync("postgres", $"SELECT pg_terminate_backend(pid, 5000)::text FROM pg_stat_activity WHERE datname = '{Database}'");

    private RestoreWork Work(string file) => new(ContentPlace.File(file), _harness.NewUndo(_location, "undo"), _ => Task.CompletedTask);

    [GeneratedRegex("GRANT [^,;:\n]+? TO \"[^\"]+\"", RegexOptions.CultureInvariant)]
    private static partial Regex Grant();

    /// <summary>Rows of a table that is not there fail with it.</summary>
    [GeneratedRegex(@"from TOC entry (\d+); \d+ \d+ (?!TABLE DATA )", RegexOptions.CultureInvariant)]
    private static partial Regex FailedEntry();
}

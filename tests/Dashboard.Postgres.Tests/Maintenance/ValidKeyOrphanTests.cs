using System.Diagnostics;
using System.Globalization;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Postgres.Backups;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Maintenance;
using Dashboard.Postgres.Tests.Schemas;
using Dashboard.Postgres.Tests.Server;
using Xunit;

namespace Dashboard.Postgres.Tests.Maintenance;

/// <summary>Rows that came past a foreign key that counts as valid: it stays so, and nothing but a look tells.</summary>
public sealed class ValidKeyOrphanTests : SchemaTests
{
    private const string Past = "SET session_replication_role = replica; ";

    private IOrphanage Orphanage => (IOrphanage)Engine;

    private IAimedTask Check => (IAimedTask)((IMaintained)Engine).Tasks.Single(task => task.Description.Key == Orphanage.CheckTask);

    /// <summary>Statements, then how many rows are orphaned. Whether a restore stops is told by pg_restore itself.</summary>
    public static TheoryData<string, int, string[]> Kinds => new()
    {
        { "replica role", 1, ["CREATE TABLE p (id int PRIMARY KEY)", "CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p)", Past + "INSERT INTO c VALUES (1, 42), (2, NULL)"] },
        { "disabled triggers", 2, ["CREATE TABLE p (id int PRIMARY KEY)", "CREATE TABLE c (p int REFERENCES p)", "ALTER TABLE c DISABLE TRIGGER ALL", "INSERT INTO c VALUES (1), (1)", "ALTER TABLE c ENABLE TRIGGER ALL"] },
        { "removed parents", 1, ["CREATE TABLE p (id int PRIMARY KEY)", "CREATE TABLE c (p int REFERENCES p)", "INSERT INTO p VALUES (1), (2)", "INSERT INTO c VALUES (1), (2)", Past + "DELETE FROM p WHERE id = 2"] },
        { "match full, null in part", 1, ["CREATE TABLE p (a int, b int, PRIMARY KEY (a, b))", "CREATE TABLE c (a int, b int, FOREIGN KEY (a, b) REFERENCES p MATCH FULL)", Past + "INSERT INTO c VALUES (1, NULL), (NULL, NULL)"] },
        { "match simple, null in part", 0, ["CREATE TABLE p (a int, b int, PRIMARY KEY (a, b))", "CREATE TABLE c (a int, b int, FOREIGN KEY (a, b) REFERENCES p)", Past + "INSERT INTO c VALUES (1, NULL), (NULL, NULL)"] },
        { "several partitions", 1, ["CREATE TABLE p (id int PRIMARY KEY)", "CREATE TABLE c (id int, p int REFERENCES p) PARTITION BY HASH (id)", "CREATE TABLE c0 PARTITION OF c FOR VALUES WITH (MODULUS 2, REMAINDER 0)", "CREATE TABLE c1 PARTITION OF c FOR VALUES WITH (MODULUS 2, REMAINDER 1)", "INSERT INTO p VALUES (1)", Past + "INSERT INTO c SELECT i, 1 FROM generate_series(1, 20) i; INSERT INTO c VALUES (99, 5)"] },
        { "partitioned parent", 1, ["CREATE TABLE p (id int PRIMARY KEY) PARTITION BY HASH (id)", "CREATE TABLE p0 PARTITION OF p FOR VALUES WITH (MODULUS 1, REMAINDER 0)", "CREATE TABLE c (p int REFERENCES p)", "INSERT INTO p VALUES (1)", Past + "INSERT INTO c VALUES (1), (2)"] },
        { "rows of a table that inherits are not bound", 0, ["CREATE TABLE p (id int PRIMARY KEY)", "CREATE TABLE c (p int REFERENCES p)", "CREATE TABLE c_more () INHERITS (c)", "INSERT INTO c_more VALUES (42)"] },
        { "a parent in a table that inherits is none", 1, ["CREATE TABLE p (id int PRIMARY KEY)", "CREATE TABLE p_more () INHERITS (p)", "CREATE TABLE c (p int REFERENCES p)", "INSERT INTO p_more VALUES (42)", Past + "INSERT INTO c VALUES (42)"] },
        { "two collations", 1, ["CREATE TABLE p (id text COLLATE \"C\" PRIMARY KEY)", "CREATE TABLE c (p text COLLATE \"POSIX\" REFERENCES p)", "INSERT INTO p VALUES ('a')", Past + "INSERT INTO c VALUES ('a'), ('b')"] },
        { "two types", 1, ["CREATE TABLE p (id bigint PRIMARY KEY, name varchar(9) UNIQUE)", "CREATE TABLE c (p int REFERENCES p, name text REFERENCES p (name))", "INSERT INTO p VALUES (1, 'x')", Past + "INSERT INTO c VALUES (1, 'x'), (2, 'x')"] },
        { "itself, deferred", 1, ["CREATE TABLE p (id int PRIMARY KEY, up int REFERENCES p DEFERRABLE INITIALLY DEFERRED)", Past + "INSERT INTO p VALUES (1, NULL), (2, 1), (3, 9)"] },
        { "odd names", 1, ["CREATE SCHEMA \"S.\n\"\"\"", "CREATE TABLE \"S.\n\"\"\".\"Par\nent\" (\"i\nd\" int PRIMARY KEY)", "CREATE TABLE \"c%s\nx\" (\"p\"\"\" int CONSTRAINT \"k\ney\" REFERENCES \"S.\n\"\"\".\"Par\nent\")", Past + "INSERT INTO \"c%s\nx\" VALUES (7)"] },
        { "never validated", 0, ["CREATE TABLE p (id int PRIMARY KEY)", "CREATE TABLE c (p int)", "ALTER TABLE c ADD FOREIGN KEY (p) REFERENCES p NOT VALID"] },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Orphans_are_found_named_in_the_backup_and_removed(string kind, int orphans, string[] statements)
    {
        var location = await CreateAsync(statements);

        var outlook = await Check.LookAheadAsync(location, Now);
        var check = await Check.RunAsync(location, RunProgress.None, Now);
        var (file, content) = await Harness.TakeBackupAsync(location, cancellationToken: Now);

        Assert.DoesNotContain("no orphan", outlook.Gain, StringComparison.Ordinal);
        Assert.Equal(MaintenanceWorth.Unknown, outlook.Worth);
        Assert.Equal((orphans > 0, orphans), (check.Problem is not null, check.Findings.Sum(line => int.Parse(line.Split(": ")[1].Split(' ')[0], CultureInfo.InvariantCulture))));
        Assert.Equal(orphans > 0 ? 1 : 0, content.Warnings.Count);
        Assert.Equal(orphans > 0, await RestoreStopsAsync(file));
        if (orphans == 0)
        {
            Assert.StartsWith("Every row has its parent (1 foreign key checked).", check.Sentence, StringComparison.Ordinal);
            return;
        }

        Assert.EndsWith("Then run this check again.", check.NextStep, StringComparison.Ordinal);
        var shown = await Orphanage.FindOrphansAsync(location, RunProgress.None, Now);
        var removed = await Orphanage.RemoveOrphansAsync(location, Harness.NewFile($"{kind.Length}.sql"), shown.Count, RunProgress.None, Now);
        var (whole, after) = await Harness.TakeBackupAsync(location, cancellationToken: Now);

        Assert.Equal((new OrphanCount(orphans, 0), new OrphanCount(orphans, 0)), (shown.Count, removed.Count));
        Assert.Empty(after.Warnings);
        Assert.False(await RestoreStopsAsync(whole));
    }

    [Fact]
    public async Task A_key_that_is_not_checked_in_time_is_named_and_one_table_alone_has_no_limit()
    {
        var location = await CreateAsync(
            "CREATE TABLE p (id int PRIMARY KEY)",
            "CREATE TABLE small (p int REFERENCES p)",
            "CREATE TABLE large (p int REFERENCES p)",
            "INSERT INTO p SELECT generate_series(1, 200000)",
            "INSERT INTO small VALUES (1)",
            "INSERT INTO large SELECT id FROM p, generate_series(1, 5)",
            "ANALYZE");
        await using var connection = await PostgresHarness.OpenAsync(PostgresHarness.DatabaseOf(location));
        await PostgresHarness.ExecuteAsync(connection, "SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_indexscan = off; SET enable_indexonlyscan = off; SET enable_bitmapscan = off");
        var keys = await LooseKeys.ReadAsync(connection, Now);

        var looks = await CountOrphans.RunAsync(connection, keys, TimeSpan.FromMilliseconds(700), _ => { }, Now);
        var told = OrphanWarnings.Describe(looks);
        var alone = await Check.RunAsync(location, "table large", RunProgress.None, Now);

        Assert.Equal(["small", "large"], looks.Select(look => look.Key.Child.Name));
        Assert.Equal("large → p: not checked, the limit of 1 s was over (large_p_fkey)", looks[1].ToString());
        Assert.Empty(told.Warnings);
        Assert.Equal("1 foreign key of 2 was not checked for orphaned rows, which can stop a restore: large → p: not checked, the limit of 1 s was over (large_p_fkey).", Assert.Single(told.Notes));
        Assert.Equal("Every row has its parent (1 foreign key checked).", alone.Sentence);
        Assert.Equal(["table large", "table small"], (await Check.ListTargetsAsync(location, Now)).Select(target => target.Key));
        await Assert.ThrowsAsync<DatabaseException>(() => Check.RunAsync(location, "table gone", RunProgress.None, Now));
    }

    [Theory]
    [InlineData("LOCK TABLE c IN ACCESS EXCLUSIVE MODE", "a table was locked by another session")]
    [InlineData("LOCK TABLE p IN ACCESS EXCLUSIVE MODE", "a table was locked by another session")]
    public async Task A_locked_table_is_not_checked_and_never_taken_for_whole(string locks, string reason)
    {
        var location = await CreateAsync("CREATE TABLE p (id int PRIMARY KEY)", "CREATE TABLE c (p int REFERENCES p)");
        await using var other = await PostgresHarness.OpenAsync(PostgresHarness.DatabaseOf(location));
        await PostgresHarness.ExecuteAsync(other, $"BEGIN; {locks}");

        var check = await Check.RunAsync(location, RunProgress.None, Now);

        Assert.Equal(("1 foreign key of 1 was not checked.", $"c → p: not checked, {reason} (c_p_fkey)"), (check.Problem, Assert.Single(check.Findings)));
    }

    [Fact]
    public async Task A_parent_that_row_security_hides_is_not_a_missing_one()
    {
        var location = await CreateAsync("CREATE TABLE p (id int PRIMARY KEY)", "CREATE TABLE c (p int REFERENCES p)", "INSERT INTO p VALUES (1)", "INSERT INTO c VALUES (1)", "ALTER TABLE p ENABLE ROW LEVEL SECURITY");
        var role = Harness.OwnRole("reader");
        await ExecuteAsync(location, $"CREATE ROLE {role} LOGIN PASSWORD 'x'; GRANT pg_read_all_data TO {role}");
        await using var engine = PostgresHarness.EngineFor(location, role, "x", out var ofRole);

        var check = await engine.Tasks.Single(task => task.Description.Key == engine.CheckTask).RunAsync(ofRole, RunProgress.None, Now);
        await ExecuteAsync(location, $"DROP OWNED BY {role}");

        Assert.Equal("c → p: not checked, this login may not read every row of both tables (c_p_fkey)", Assert.Single(check.Findings));
    }

    /// <summary>The column is there from version 18 on; every server is asked in the same words.</summary>
    [Theory]
    [InlineData("SELECT false AS conenforced", "False")]
    [InlineData("SELECT true AS conenforced", "True")]
    [InlineData("SELECT 1 AS another", "True")]
    public async Task A_key_is_enforced_unless_the_server_says_otherwise(string row, string isEnforced) =>
        Assert.Equal([isEnforced], await PostgresHarness.TextsAsync("postgres", $"SELECT {LooseKeys.IsEnforced} FROM ({row}) k"));

    /// <summary>By the stock tool, which shares nothing with what is tested.</summary>
    private async Task<bool> RestoreStopsAsync(string file)
    {
        var name = Harness.Own("again");
        await TestServer.CreateDatabaseAsync(name);
        var server = LocationText.Read(TestServer.Url);
        var tool = Directory.GetFiles("/usr/lib/postgresql", "pg_restore", SearchOption.AllDirectories).Append("pg_restore").First();
        var at = server.Location!;
        var start = new ProcessStartInfo(tool, ["--exit-on-error", "--dbname", name, "--host", at.Host, "--port", at.Port.ToString(CultureInfo.InvariantCulture), "--username", at.User, file]) { RedirectStandardError = true };
        (start.Environment["PGPASSWORD"], start.Environment["PGSSLROOTCERT"], start.Environment["PGSSLMODE"]) = (server.Password, at.RootCertificate, at.TlsWord);
        using var process = Process.Start(start)!;
        var said = await process.StandardError.ReadToEndAsync(Now);
        await process.WaitForExitAsync(Now);
        Assert.True(process.ExitCode == 0 || said.Contains("violates foreign key constraint", StringComparison.Ordinal), said);
        return process.ExitCode != 0;
    }
}

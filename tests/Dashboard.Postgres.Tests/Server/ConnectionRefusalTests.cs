using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Locations;
using Dashboard.Postgres.Tools;
using Npgsql;
using Xunit;

namespace Dashboard.Postgres.Tests.Server;

/// <summary>A server that lets nobody in says why in a sentence of its own each, while it is typed, when it is looked at and in a run.</summary>
public sealed class ConnectionRefusalTests(ServerPair pair) : IClassFixture<ServerPair>
{
    private const string Password = "only-of-these-tests";

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ALTER ROLE {0} CONNECTION LIMIT 0", "", "All connections that the role {0} may have on {2} are in use.", "Close sessions of this role, or raise its limit: ALTER ROLE {0} CONNECTION LIMIT ….")]
    [InlineData("ALTER DATABASE {1} CONNECTION LIMIT 0", "", "All connections that the database {1} may have on {2} are in use.", "Close sessions of this database, or raise its limit: ALTER DATABASE {1} CONNECTION LIMIT ….")]
    [InlineData("SELECT 1", "host {1} {0} all reject\\n", "A line of pg_hba.conf on {2} rejects {0} in {1} from 127.0.0.1, encrypted.", "Ask a server admin to allow it in pg_hba.conf above the line that says reject, then reload the server.")]
    public async Task Each_has_its_sentence(string sql, string lines, string message, string nextStep)
    {
        var (database, role) = (await pair.CreateAsync(), await RoleAsync());
        await pair.ExecuteAsync("postgres", Fill(sql));
        await pair.AllowAsync(Fill(lines));
        var at = await WithPasswordAsync(database, role);

        var check = await pair.Engine.CheckLocationAsync(at, Now);

        Assert.Equal((LocationVerdict.Refused, Fill(message), Fill(nextStep)), (check.Verdict, check.Headline, check.NextStep));
        await pair.AllowAsync("");

        string Fill(string text) => text.Replace("{0}", role, StringComparison.Ordinal).Replace("{1}", database, StringComparison.Ordinal).Replace("{2}", PostgresLocation.Parse(pair.Primary(database)).ServerWords, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_a_free_connection_is_called_so_and_a_backup_of_it_too()
    {
        var database = await pair.CreateAsync("CREATE TABLE t (id int)");
        List<NpgsqlConnection> all = [];
        try
        {
            await FillUpAsync(database, all);

            var check = await pair.Engine.CheckLocationAsync(pair.Primary(database), Now);
            var backup = await Assert.ThrowsAsync<DatabaseBusyException>(() => pair.Engine.WriteBackupAsync(pair.Primary(database), new BackupStaging(Path.GetTempFileName() + ".work", new MemoryStream()), RunProgress.None, Now));

            var words = $"All connections of {PostgresLocation.Parse(pair.Primary(database)).ServerWords} are in use (max_connections).";
            Assert.Equal((words, words), (check.Headline, backup.Message));
        }
        finally
        {
            foreach (var one in all)
            {
                await one.DisposeAsync();
            }
        }
    }

    /// <summary>What pg_dump passes on is told as what the server says to us.</summary>
    [Theory]
    [InlineData("connection to server at \"h\" (1.2.3.4), port 5432 failed: FATAL:  sorry, too many clients already", "All connections of h:5432 are in use (max_connections).")]
    [InlineData("connection to server at \"h\" failed: FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute", "All connections of h:5432 are in use (max_connections).")]
    [InlineData("FATAL:  no pg_hba.conf entry for host \"10.0.0.7\", user \"me\", database \"shop\", no encryption", "pg_hba.conf on h:5432 has no line for me in shop from 10.0.0.7, not encrypted.")]
    [InlineData("FATAL:  pg_hba.conf rejects connection for host \"10.0.0.7\", user \"me\", database \"shop\", SSL encryption", "A line of pg_hba.conf on h:5432 rejects me in shop from 10.0.0.7, encrypted.")]
    [InlineData("FATAL:  too many connections for role \"me\"", "All connections that the role me may have on h:5432 are in use.")]
    [InlineData("query failed: ERROR:  deadlock detected", null)]
    public void The_words_of_a_tool_are_read_as_well(string words, string? expected)
    {
        var at = LocationText.Read("postgresql://me@h:5432/shop").Location!;
        Assert.Equal(expected?.Replace("h:5432", at.ServerWords, StringComparison.Ordinal), ConnectionRefusals.Find(words, at)?.Message);
    }

    /// <summary>What is said of a backup and of a restore never contradicts itself, and no first backup is asked for that must fail.</summary>
    [Theory]
    [InlineData(150000, "", "", LocationVerdict.Good, LocationVerdict.Good)]
    [InlineData(990000, "", "", LocationVerdict.Refused, LocationVerdict.Refused)]
    [InlineData(150000, "secret", "", LocationVerdict.Refused, LocationVerdict.Warning)]
    [InlineData(150000, "", "secured", LocationVerdict.Refused, LocationVerdict.Warning)]
    public void Restore_is_never_promised_beside_a_backup_that_is_refused(int version, string unreadable, string secured, LocationVerdict backUp, LocationVerdict restore)
    {
        string[] Names(string one) => one.Length == 0 ? [] : [one];
        var look = new LoginLook($"{version / 10000}.1", version, false, "TLSv1.3", false, true, true, true, true, "me", 1, 1, 0, Names(unreadable), Names(secured));
        var tools = new FindTools(null);

        var abilities = JudgeLogin.Abilities(look, tools);

        Assert.Equal((backUp, restore), (abilities[1].Verdict, abilities[2].Verdict));
        Assert.Equal(backUp == LocationVerdict.Refused, JudgeLogin.NoBackupBecause(look, tools) is not null);
        if (version == 990000)
        {
            Assert.Contains("Install the package postgresql-client-99", abilities[1].Words, StringComparison.Ordinal);
            Assert.Equal(abilities[1].Words, abilities[2].Words);
        }
    }

    private async Task<string> RoleAsync()
    {
        var role = $"role_{Guid.NewGuid():N}";
        await pair.ExecuteAsync("postgres", $"CREATE ROLE {role} LOGIN PASSWORD '{Password}'");
        return role;
    }

    private Task<string> WithPasswordAsync(string database, string role) =>
        Task.FromResult(LocationForm.Compose(new Dictionary<string, string>(LocationForm.Split(pair.Primary(database, role))!) { ["password"] = Password }));

    /// <summary>Until not even a superuser gets in.</summary>
    private async Task FillUpAsync(string database, List<NpgsqlConnection> all)
    {
        var at = PostgresLocation.Parse(pair.Primary(database));
        var password = await pair.FindPasswordAsync("", at.Server, at.User, Now);
        while (true)
        {
            try
            {
                all.Add(await PostgresConnections.OpenAsync(at, password, null, Now, database: "postgres"));
            }
            catch (PostgresException full) when (full.SqlState == PostgresErrorCodes.TooManyConnections)
            {
                return;
            }
        }
    }
}

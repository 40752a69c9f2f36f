using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Postgres.Tests.Server;
using Xunit;

namespace Dashboard.Postgres.Tests.Backups;

/// <summary>What a login can't dump is named where it is added and before a dump begins, with the privilege; what is left out of it is named too.</summary>
public sealed class OthersThingsTests : IAsyncLifetime
{
    private readonly PostgresHarness _harness = new();
    private string _location = "";
    private string _owner = "";
    private string _reader = "";

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private string Database => PostgresHarness.DatabaseOf(_location);

    public async ValueTask InitializeAsync()
    {
        _location = await _harness.CreateAsync();
        (_owner, _reader) = (_harness.OwnRole("owner"), _harness.OwnRole("reader"));
        await PostgresHarness.ExecuteAsync("postgres", $"CREATE ROLE {_owner}; CREATE ROLE {_reader} LOGIN PASSWORD 'reader' IN ROLE pg_monitor, pg_read_all_data");
    }

    public async ValueTask DisposeAsync()
    {
        await TestServer.DropDatabaseAsync(Database);
        await PostgresHarness.ExecuteAsync("postgres", $"DROP OWNED BY {_owner}, {_reader}");
        await _harness.DisposeAsync();
    }

    [Theory]
    [InlineData("SELECT lo_from_bytea(0, '\\xab')", "GRANT SELECT ON LARGE OBJECT ")]
    [InlineData("SET ROLE {0}; SELECT lo_from_bytea(0, '\\xab')", "GRANT \"{0}\" TO \"{1}\".")]
    [InlineData("SELECT lo_from_bytea(0, '\\xab') FROM generate_series(1, 7)", "GRANT SELECT ON LARGE OBJECT ")]
    [InlineData("SET ROLE {0}; SELECT lo_from_bytea(424242, '\\xab'); REVOKE ALL ON LARGE OBJECT 424242 FROM {0}", "GRANT SELECT ON LARGE OBJECT 424242 TO ")]
    public async Task Large_objects_of_others_are_named_with_what_lets_them_be_read(string sql, string advice)
    {
        await PostgresHarness.ExecuteAsync(Database, string.Format(System.Globalization.CultureInfo.InvariantCulture, sql, _owner));
        await using var engine = PostgresHarness.EngineFor(_location, _reader, "reader", out var location);
        using var artefact = new MemoryStream();
        var numbers = await PostgresHarness.TextsAsync(Database, "SELECT oid FROM pg_largeobject_metadata ORDER BY 1 LIMIT 5");

        var ability = (await engine.CheckLocationAsync(WithPassword(location), Now)).Abilities.Single(ability => ability.Feature == "Back up");
        var refusal = await Assert.ThrowsAsync<DatabaseException>(() => engine.WriteBackupAsync(location, new BackupStaging(_harness.NewFile("reader.work"), artefact), RunProgress.None, Now));

        var words = string.Format(System.Globalization.CultureInfo.InvariantCulture, advice, _owner, _reader);
        Assert.Equal(LocationVerdict.Refused, ability.Verdict);
        Assert.All(numbers, number => Assert.Contains(number, ability.Words, StringComparison.Ordinal));
        Assert.All(numbers, number => Assert.Contains(number, refusal.Message, StringComparison.Ordinal));
        Assert.Contains(words, ability.Words, StringComparison.Ordinal);
        Assert.Contains(words, refusal.NextStep, StringComparison.Ordinal);
        Assert.Equal(0, artefact.Length);

        // The advice, for all of them.
        foreach (var number in await PostgresHarness.TextsAsync(Database, "SELECT oid FROM pg_largeobject_metadata"))
        {
            await PostgresHarness.ExecuteAsync(Database, words.StartsWith("GRANT SELECT", StringComparison.Ordinal) ? $"GRANT SELECT ON LARGE OBJECT {number} TO {_reader}" : $"GRANT {_owner} TO {_reader}");
        }

        await engine.WriteBackupAsync(location, new BackupStaging(_harness.NewFile("reader.work"), artefact), RunProgress.None, Now);
        Assert.NotEqual(LocationVerdict.Refused, (await engine.CheckLocationAsync(WithPassword(location), Now)).Abilities.Single(found => found.Feature == "Back up").Verdict);
    }

    [Fact]
    public async Task Options_of_user_mappings_that_a_login_may_not_see_are_a_note_by_name()
    {
        await PostgresHarness.ExecuteAsync(
            Database,
            $"""
            CREATE FOREIGN DATA WRAPPER bare; CREATE SERVER far FOREIGN DATA WRAPPER bare; GRANT USAGE ON FOREIGN SERVER far TO {_reader};
            CREATE USER MAPPING FOR {_owner} SERVER far OPTIONS (password 'hush'); CREATE USER MAPPING FOR {_reader} SERVER far OPTIONS (password 'own');
            """);
        await using var engine = PostgresHarness.EngineFor(_location, _reader, "reader", out var location);
        using var artefact = new MemoryStream();

        var content = await engine.WriteBackupAsync(location, new BackupStaging(_harness.NewFile("reader.work"), artefact), RunProgress.None, Now);
        var ability = (await engine.CheckLocationAsync(WithPassword(location), Now)).Abilities.Single(ability => ability.Feature == "Back up");

        Assert.Empty(content.Warnings);
        Assert.Equal(
            [$"The options of the user mapping of {_owner} for the server far are not in the backup: {_reader} may not read them.", $"The password of the user mapping of {_reader} for the server far is in the dump in clear text."],
            content.Notes);
        Assert.Equal(LocationVerdict.Warning, ability.Verdict);
        Assert.Contains($"{_owner} for the server far", ability.Words, StringComparison.Ordinal);
    }

    private string WithPassword(string location) => location.Replace($"{_reader}@", $"{_reader}:reader@", StringComparison.Ordinal);
}

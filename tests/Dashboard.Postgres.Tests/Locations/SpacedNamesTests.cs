using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Locations;
using Xunit;

namespace Dashboard.Postgres.Tests.Locations;

/// <summary>Names that begin and end with a space, on a real server: found, watched, backed up and restored as what they are.</summary>
public sealed class SpacedNamesTests : IAsyncLifetime
{
    private readonly PostgresHarness _harness = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    [Fact]
    public async Task They_are_reached_from_every_way_of_writing_them_and_restored_with_undo()
    {
        var database = _harness.Own(" spaced") + " ";
        var user = $" {_harness.OwnRole("spaced")} ";
        await PostgresHarness.ExecuteAsync("postgres", $"CREATE ROLE \"{user}\" LOGIN CREATEDB PASSWORD 'secret'");
        try
        {
            await PostgresHarness.ExecuteAsync("postgres", $"CREATE DATABASE \"{database}\" TEMPLATE template0 OWNER \"{user}\"");
            var at = PostgresLocation.Parse(PostgresHarness.LocationOf(database)) with { User = user };
            await using var engine = PostgresHarness.EngineFor(at.ToString(), user, "secret", out var location);
            string[] ways =
            [
                LocationForm.Compose(new Dictionary<string, string>(LocationForm.Split(location)!) { ["password"] = "secret" }),
                $"host={at.Host} port={at.Port} dbname='{database}' user='{user}' password=secret sslmode={at.TlsWord} sslrootcert={at.RootCertificate}",
                $"Host={at.Host};Port={at.Port};Database=\"{database}\";Username=\"{user}\";Password=secret;SSL Mode=VerifyFull;Root Certificate={at.RootCertificate}",
            ];
            foreach (var way in ways)
            {
                Assert.Equal(location, (await engine.CheckLocationAsync(way, Now)).Location);
            }

            await using (var owner = await PostgresHarness.OpenAsync(database))
            {
                await PostgresHarness.ExecuteAsync(owner, $"SET ROLE \"{user}\"; CREATE TABLE notes (id int); INSERT INTO notes VALUES (1), (2)");
            }

            var file = _harness.NewFile("spaced.plain");
            await using (var artefact = File.Create(file))
            {
                await engine.WriteBackupAsync(location, new BackupStaging(_harness.NewFile("spaced.work"), artefact) { CountsSource = true }, RunProgress.None, Now);
            }

            await PostgresHarness.ExecuteAsync(database, "DELETE FROM notes");
            var undo = engine.PlaceUndoBeside(location, DateTimeOffset.UnixEpoch.AddDays(20_000))!;
            await engine.RestoreAsync(location, new RestoreWork(ContentPlace.File(file), undo, _ => Task.CompletedTask), RunProgress.None, Now);

            Assert.Equal(["2"], await PostgresHarness.TextsAsync(database, "SELECT count(*) FROM notes"));
            Assert.Equal(undo, Assert.Single(await engine.ListKeptAsync(location, Now)).Place);
        }
        finally
        {
            foreach (var name in await PostgresHarness.TextsAsync("postgres", $"SELECT datname FROM pg_database WHERE starts_with(datname, '{database}')"))
            {
                await PostgresHarness.ExecuteAsync("postgres", $"DROP DATABASE \"{name}\" WITH (FORCE)");
            }

            await PostgresHarness.ExecuteAsync("postgres", $"DROP ROLE \"{user}\"");
        }
    }

    [Fact]
    public async Task One_that_was_hardly_meant_is_pointed_at()
    {
        var location = await _harness.CreateAsync();
        var slipped = (PostgresLocation.Parse(location) with { Database = PostgresHarness.DatabaseOf(location) + " " }).ToString();

        var check = await _harness.Engine.CheckLocationAsync(slipped, Now);

        Assert.Equal(LocationVerdict.Refused, check.Verdict);
        Assert.Contains("begins or ends with a space", check.NextStep, StringComparison.Ordinal);
    }
}

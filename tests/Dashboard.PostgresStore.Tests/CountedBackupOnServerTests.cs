using System.Globalization;
using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Schedules;
using Dashboard.Core.Tests.Home;
using Dashboard.Postgres;
using Dashboard.Postgres.Tests.Server;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Dashboard.Core.Tests;

/// <summary>From the wish to the manifest, with the real engine.</summary>
public sealed class CountedBackupOnServerTests : IAsyncLifetime
{
    private readonly StoreFixture _home = new();
    private readonly string _name = $"counted_{Guid.NewGuid().ToString("N")[..10]}";
    private readonly House _house;
    private Database _shop = null!;

    public CountedBackupOnServerTests() => _house = new House(_home, engine: services => new PostgresEngine(services.GetRequiredService<ILogins>(), TimeProvider.System));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await TestServer.CreateDatabaseAsync(_name);
        await using (var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(TestServer.ConnectionString(_name)) { Pooling = false }.ToString()))
        {
            await connection.OpenAsync(Cancel);
            await using var command = new NpgsqlCommand("CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders SELECT generate_series(1, 100)", connection);
            await command.ExecuteNonQueryAsync(Cancel);
        }

        await _house.StartAsync();
        var server = new NpgsqlConnectionStringBuilder(TestServer.ConnectionString(_name));
        var url = string.Create(CultureInfo.InvariantCulture, $"postgresql://{server.Username}:{server.Password}@{server.Host}:{server.Port}/{_name}?sslmode=verify-full&sslrootcert={server.RootCertificate}");
        _shop = await _house.Get<AddDatabase>().AddAsync(Actor.LocalAdministrator, "postgres", url, "Shop", Cancel);
    }

    [Fact]
    public async Task Both_counts_stand_in_the_manifest_and_the_run_says_so()
    {
        var run = await _house.EndOfAsync(await _house.Get<AskForRun>().AskAsync(Actor.LocalAdministrator, JobKeys.Backup, _shop.Subject, new BackupWish(true), Cancel));

        Assert.Equal((RunState.Succeeded, null), (run.State, run.Problem));
        Assert.Contains("checked: 1 table, 100 rows as in the snapshot (counted in the database too)", run.Summary, StringComparison.Ordinal);
        var (backup, manifest) = await ManifestAsync();
        Assert.Equal(CheckLevel.Compared, backup.Level);
        Assert.Equal([new TableRows("orders", 100)], manifest.SourceRows);
        Assert.Equal(manifest.Rows, manifest.SourceRows);
    }

    [Fact]
    public async Task A_schedule_that_is_told_so_counts_and_one_that_is_not_does_not()
    {
        await _house.Get<SetSchedule>().SetAsync(Actor.LocalAdministrator, _shop.Subject, JobKeys.Backup, true, "0 * * * *", "UTC", Cancel, new BackupWish(true), isOnlyOne: true);
        _home.Time.Advance(TimeSpan.FromHours(1));
        await _house.Get<QueueDueSchedules>().QueueAsync(Cancel);
        await _house.EndOfAsync(_home.Look(store => store.Runs.Single()));
        Assert.NotNull((await ManifestAsync()).Manifest.SourceRows);

        await _house.Get<SetSchedule>().SetAsync(Actor.LocalAdministrator, _shop.Subject, JobKeys.Backup, true, "0 * * * *", "UTC", Cancel, isOnlyOne: true);
        _home.Time.Advance(TimeSpan.FromHours(1));
        await _house.Get<QueueDueSchedules>().QueueAsync(Cancel);
        await _house.EndOfAsync(_home.Look(store => store.Runs.AsEnumerable().MaxBy(run => run.QueuedAt)!));

        Assert.Single(_home.Look(store => store.Schedules.ToList()));
        Assert.Null((await ManifestAsync()).Manifest.SourceRows);
    }

    [Fact]
    public void Rows_that_differ_are_a_failure_of_the_backup_in_words()
    {
        var content = new BackupContent([new TableRows("orders", 100)], 1, "PostgreSQL 15", CheckLevel.Written, [], new Dictionary<string, string>());

        var fault = Assert.Throws<DatabaseDamagedException>(() => PublishBackup.Judge(content, new CopyCheck(["orders has 99 rows instead of 100."], [new TableRows("orders", 99)])));

        Assert.Equal("What was written is not what the database held at that moment: orders has 99 rows instead of 100. It was thrown away.", fault.Message);
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
        await TestServer.DropDatabaseAsync(_name);
    }

    private async Task<(Backup Backup, BackupManifest Manifest)> ManifestAsync()
    {
        var backup = _home.Look(store => store.Backups.AsNoTracking().AsEnumerable().MaxBy(row => row.TakenAt)!);
        return (backup, (await BackupManifest.FindAsync(backup, Cancel))!.Value.Manifest);
    }
}

using System.Security.Cryptography;
using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Fleet;
using Dashboard.Core.Jobs;
using Dashboard.Core.Metrics;
using Dashboard.Core.Schedules;
using Dashboard.Core.Store;
using Dashboard.Postgres.Tests.Server;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace Dashboard.Web.Tests.Hosting;

/// <summary>The command line's <c>move-store</c>, from a store that was in use to one that is.</summary>
public sealed class MoveStoreTests : IAsyncLifetime
{
    private static readonly SeriesKey Mine = SeriesKey.Of(Guid.Parse("5cd0a5a4-0000-7000-8000-000000000001"), Metric.Size);
    private static readonly SeriesKey New = Mine with { Part = "a\nb 🦊" };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dashboard-move-");
    private string _target = "";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string DataFolder => Path.Combine(_folder.FullName, "data");

    private string StoreFile => Path.Combine(DataFolder, "dashboard.db");

    private string To => TestServer.ConnectionString(_target);

    public async ValueTask InitializeAsync() => _target = await TestServer.CreateDatabaseAsync();

    public async ValueTask DisposeAsync()
    {
        if (_target.Length > 0)
        {
            await TestServer.DropDatabaseAsync(_target);
        }

        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task All_of_a_store_in_use_is_on_PostgreSQL_afterwards_and_the_file_as_it_was()
    {
        var (wanted, samples) = await UseAsync();
        var before = SHA256.HashData(await File.ReadAllBytesAsync(StoreFile, Stop));

        var (code, words) = await MoveAsync();

        Assert.True(code == 0, words);
        Assert.Contains("Dashboard:StoreConnection", words, StringComparison.Ordinal);
        Assert.Equal(before, SHA256.HashData(await File.ReadAllBytesAsync(StoreFile, Stop)));

        await using var app = new AppOnStore(DataFolder, To);
        var html = await app.Client().GetStringAsync(new Uri("/", UriKind.Relative), Stop);
        Assert.Contains("sample-archive", html, StringComparison.Ordinal);
        Assert.DoesNotContain("own store", html, StringComparison.Ordinal);

        var moved = await ContentAsync(app);
        Assert.Equal(wanted.Where(row => row.Kind is not "database" and not "schedule"), moved.Where(row => row.Kind is not "database" and not "schedule"));
        Assert.Contains(("database", "sample-archive", "open"), moved);
        Assert.Contains(("database", "dashboard", "removed"), moved);
        Assert.Equal(samples, await SamplesAsync(app));
        await GoesOnAsync(app);
    }

    [Fact]
    public async Task What_is_not_an_empty_database_is_refused()
    {
        await UseAsync();
        await ExecuteAsync("CREATE TABLE customers (id int)");
        var (code, words) = await MoveAsync();
        Assert.Equal(1, code);
        Assert.Contains("customers", words, StringComparison.Ordinal);

        await ExecuteAsync("DROP TABLE customers");
        Assert.Equal(0, (await MoveAsync()).Code);
        (code, words) = await MoveAsync();
        Assert.Equal(1, code);
        Assert.Contains("holds a store already", words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_can_not_be_copied_whole_leaves_nothing_and_can_be_moved_once_it_is_mended()
    {
        await UseAsync();
        Change("UPDATE runs SET AskedBy = printf('%.*c', 500, 'x')");
        var (code, words) = await MoveAsync();
        Assert.Equal(1, code);
        Assert.Contains("too long", words, StringComparison.Ordinal);

        Change("UPDATE runs SET AskedBy = 'somebody'");
        (code, words) = await MoveAsync();
        Assert.True(code == 0, words);
    }

    [Fact]
    public async Task Says_what_is_missing_and_never_a_password()
    {
        var password = new NpgsqlConnectionStringBuilder(To).Password!;
        var (code, words) = await MoveAsync();
        Assert.Equal(1, code);
        Assert.Contains("There is no store in the data folder", words, StringComparison.Ordinal);

        await UseAsync();
        (code, words) = await StartedProcess.RunAsync(DataFolder, ["move-store"]);
        Assert.Equal(1, code);
        Assert.Contains("Say where to", words, StringComparison.Ordinal);

        (code, words) = await StartedProcess.RunAsync(DataFolder, ["move-store", "--to", To.Replace(password, "hidden-word", StringComparison.Ordinal)]);
        Assert.Equal(1, code);
        Assert.Contains("refuses the login", words, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden-word", words, StringComparison.Ordinal);

        Change("DELETE FROM __EFMigrationsHistory WHERE MigrationId = (SELECT MAX(MigrationId) FROM __EFMigrationsHistory)");
        (code, words) = await MoveAsync();
        Assert.Equal(1, code);
        Assert.Contains("older version", words, StringComparison.Ordinal);
        Assert.DoesNotContain(password, words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_a_dashboard_is_running_on_is_refused_on_either_side()
    {
        await UseAsync();
        await using (var app = new AppOnStore(DataFolder))
        {
            using var _ = app.Client();
            var (code, words) = await MoveAsync();
            Assert.Equal(1, code);
            Assert.Contains("Another dashboard is running on the data folder", words, StringComparison.Ordinal);
        }

        await using (var app = new AppOnStore(Path.Combine(_folder.FullName, "other"), To))
        {
            using var _ = app.Client();
            var (code, words) = await MoveAsync();
            Assert.Equal(1, code);
            Assert.Contains("Another dashboard is running on the store", words, StringComparison.Ordinal);
        }
    }

    private Task<(int Code, string Words)> MoveAsync() => StartedProcess.RunAsync(DataFolder, ["move-store", "--to", To]);

    /// <summary>A dashboard is started, makes its first backups and samples, and is stopped.</summary>
    private async Task<(List<(string Kind, string Name, string State)> Content, List<Bucket> Samples)> UseAsync()
    {
        await using var app = new AppOnStore(DataFolder);
        using var _ = app.Client();
        var own = (await app.Services.GetRequiredService<ReadFleet>().ListAsync(Actor.LocalAdministrator, Stop)).Single(row => row.Database.IsOwnStore).Database;
        await app.Services.GetRequiredService<SetSchedule>().SetAsync(Actor.LocalAdministrator, own.Subject, JobKeys.Backup, isOn: true, SetSchedule.Daily, "Europe/Berlin", Stop);
        await foreach (var snapshot in app.Services.GetRequiredService<JobFeed>().WatchAsync(TimeSpan.FromMilliseconds(20), Stop))
        {
            var (backups, _) = await app.Services.GetRequiredService<ReadBackups>().ListAsync(Actor.LocalAdministrator, own.Id, deleted: false, 0, 10, Stop);
            if (backups.Count > 0 && snapshot.Runs.Count == 0)
            {
                break;
            }
        }

        // Of the last days, which no level forgets; the newest one is not moved yet.
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var samples = app.Services.GetRequiredService<ISampleStore>();
        await samples.AppendAsync([.. Enumerable.Range(0, 5000).Select(number => new Sample(Mine, now - 4 * 86400 + number * 60, number + 0.1))], Stop);
        await samples.MoveClosedHoursAsync(now - 7200, Stop);
        await samples.AppendAsync([new Sample(New, now, 1e300)], Stop);
        return (await ContentAsync(app), await SamplesAsync(app));
    }

    private static async Task<List<Bucket>> SamplesAsync(AppOnStore app)
    {
        var store = app.Services.GetRequiredService<ISampleStore>();
        var all = new List<Bucket>();
        foreach (var (key, resolution) in new[] { (Mine, Resolution.Raw), (Mine, Resolution.Hourly), (Mine, Resolution.Daily), (New, Resolution.Raw) })
        {
            all.AddRange((await store.ReadAsync([key], resolution, 0, long.MaxValue, Stop))[key]);
        }

        return all;
    }

    private static async Task<List<(string Kind, string Name, string State)>> ContentAsync(AppOnStore app)
    {
        await using var store = await app.Services.GetRequiredService<IDbContextFactory<DashboardStore>>().CreateDbContextAsync(Stop);
        var backups = await store.Backups.AsNoTracking().ToListAsync(Stop);
        var runs = await store.Runs.AsNoTracking().ToListAsync(Stop);
        var lines = await store.RunLines.AsNoTracking().ToListAsync(Stop);
        var phases = await store.RunPhases.AsNoTracking().ToListAsync(Stop);
        return
        [
            .. (await store.Databases.AsNoTracking().ToListAsync(Stop)).Select(row => ("database", row.Name, row.RemovedAt is null ? "open" : "removed")).Order(),
            .. (await store.Schedules.AsNoTracking().ToListAsync(Stop)).Select(row => ("schedule", row.Job, $"{row.IsOn}")).Order(),
            .. backups.Select(row => ("backup", row.FileName, $"{row.Id} {row.Sha256} {row.SizeBytes} {row.TakenAt:yyyyMMddHHmmss.ffffff} {row.Took.Ticks / 10} {row.IsGood} {row.DatabaseId}")).Order(),
            .. runs.Select(row => ("run", row.Job, $"{row.Id} {row.State} {row.QueuedAt:yyyyMMddHHmmss.ffffff} {row.EndedAt:yyyyMMddHHmmss.ffffff} {row.Summary}")).Order(),
            .. phases.Select(row => ("phase", row.Name, $"{row.Id} {row.RunId} {row.Bytes}")).Order(),
            .. lines.Select(row => ("line", row.Text, $"{row.Id} {row.RunId} {row.Level}")).Order(),
        ];
    }

    /// <summary>What numbers itself goes on behind what came, and a backup is taken as before.</summary>
    private static async Task GoesOnAsync(AppOnStore app)
    {
        var sample = (await app.Services.GetRequiredService<ReadFleet>().ListAsync(Actor.LocalAdministrator, Stop)).Single(row => row.Database.IsSample).Database;
        var run = await app.Services.GetRequiredService<AskForRun>().AskAsync(Actor.LocalAdministrator, JobKeys.Backup, sample.Subject, null, Stop);
        await foreach (var _ in app.Services.GetRequiredService<JobFeed>().WatchAsync(TimeSpan.FromMilliseconds(20), Stop))
        {
            if (await app.Services.GetRequiredService<ReadRuns>().FindAsync(Actor.LocalAdministrator, run.Id, Stop) is { Run.IsOpen: false } done)
            {
                Assert.Equal(RunState.Succeeded, done.Run.State);
                Assert.NotEmpty(done.Phases);
                return;
            }
        }
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(To);
        await connection.OpenAsync(Stop);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Stop);
    }

    private void Change(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={StoreFile};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}

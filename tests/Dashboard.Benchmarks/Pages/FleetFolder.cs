using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Metrics;
using Dashboard.Core.Schedules;
using Dashboard.Core.Store;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Metrics;
using Dashboard.Sqlite.Store;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Benchmarks.Pages;

/// <summary>
/// A data folder as it stands after a month of use: databases "shop-001" and so on, real files each, with a daily backup in the inventory
/// and samples each hour, and each minute of the hour that is not closed yet.
/// </summary>
internal sealed class FleetFolder
{
    private const int Days = 30;
    private const int Hour = 3600;
    private const int Minute = 60;
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);

    private FleetFolder(string path, IReadOnlyList<string> files)
    {
        Path = path;
        Files = files;
    }

    public string Path { get; }

    public IReadOnlyList<string> Files { get; }

    /// <summary>The page of the database with this number, from 0.</summary>
    public static string PageOf(int number) => $"/databases/{Name(number)}";

    public static async Task<FleetFolder> MakeAsync(string web, string path, int databases)
    {
        Directory.CreateDirectory(System.IO.Path.Combine(path, "files"));
        var fleet = new FleetFolder(path, [.. Enumerable.Range(0, databases).Select(number => System.IO.Path.Combine(path, "files", Name(number) + ".db"))]);
        await fleet.MakeStoreAsync(web);
        fleet.MakeFiles();
        var registered = await fleet.RegisterAsync();
        await fleet.RememberAsync(registered);
        return fleet;
    }

    public string[] Arguments() => ["--data", Path];

    private static string Name(int number) => $"shop-{number + 1:000}";

    private string StoreFile => System.IO.Path.Combine(Path, "dashboard.db");

    /// <summary>The server makes it, and takes its first backup of its own store.</summary>
    private async Task MakeStoreAsync(string web)
    {
        await using var server = await ServedApp.StartAsync(web, Arguments());
        await using var store = OpenStore();
        while (!await store.Runs.AnyAsync() || await store.Runs.AnyAsync(run => run.State < RunState.Succeeded))
        {
            await Task.Delay(Glance);
        }
    }

    private void MakeFiles()
    {
        using (var connection = SqliteConnections.Open(Files[0], SqliteOpenMode.ReadWriteCreate))
        {
            connection.Execute("PRAGMA journal_mode = WAL");
            connection.Execute(
                """
                CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL, note TEXT);
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
                INSERT INTO orders (item, note) SELECT 'item ' || i, hex(randomblob(100)) FROM n;
                """);
        }

        foreach (var file in Files.Skip(1))
        {
            File.Copy(Files[0], file);
        }
    }

    private async Task<IReadOnlyList<Database>> RegisterAsync()
    {
        await using var store = OpenStore();
        var now = TimeProvider.System.GetUtcNow();
        List<Database> databases = [.. Files.Select((file, number) => new Database { Id = Guid.CreateVersion7(now), Slug = Name(number), Name = Name(number), Engine = "sqlite", Location = file, AddedAt = now.AddDays(-Days) })];
        store.Databases.AddRange(databases);
        store.Schedules.AddRange(databases.Select(database => new Schedule
        {
            Id = Guid.CreateVersion7(now),
            Job = JobKeys.Backup,
            SubjectKind = SubjectKind.Database,
            SubjectId = database.Id,
            Cron = "0 2 * * *",
            Zone = "Etc/UTC",
            IsOn = true,

            // Not while something is measured.
            NextAt = now.AddHours(20),
        }));
        store.Backups.AddRange(databases.SelectMany(database => Enumerable.Range(0, Days).Select(day => BackupOf(database, now.AddDays(-day).AddHours(-4)))));
        await store.SaveChangesAsync();
        return databases;
    }

    private Backup BackupOf(Database database, DateTimeOffset at) => new()
    {
        Id = Guid.CreateVersion7(at),
        DatabaseId = database.Id,
        Kind = BackupKind.Backup,
        Folder = System.IO.Path.Combine(Path, "backups", database.Slug),
        FileName = $"{database.Slug}_backup_{at:yyyyMMdd_HHmmss}.sqlite.zst",
        TakenAt = at,
        Took = TimeSpan.FromSeconds(1),
        AskedBy = "Schedule",
        Compression = Compression.Fast,
        SizeBytes = 40_000,
        ContentBytes = 120_000,
        Sha256 = new string('0', 64),
        ContentSha256 = new string('0', 64),
        EngineVersion = "SQLite",
        Rows = """[{"Table":"orders","Rows":500}]""",
        RowTotal = 500,
        Level = CheckLevel.Compared,
        CheckedAt = at,
    };

    private async Task RememberAsync(IReadOnlyList<Database> databases)
    {
        using var samples = new SqliteSampleStore(StoreFile);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var closed = Rollup.Start(now, Resolution.Hourly);
        for (var day = Days; day > 0; day--)
        {
            await samples.AppendAsync([.. Moments(closed - day * 24 * Hour, closed - (day - 1) * 24 * Hour, Hour).SelectMany(at => At(databases, at, now))], CancellationToken.None);
            await samples.MoveClosedHoursAsync(closed - (day - 1) * 24 * Hour, CancellationToken.None);
        }

        await samples.AppendAsync([.. Moments(closed, now, Minute).SelectMany(at => At(databases, at, now))], CancellationToken.None);
    }

    private static IEnumerable<long> Moments(long from, long to, int step)
    {
        for (var at = from; at < to; at += step)
        {
            yield return at;
        }
    }

    /// <summary>What a round keeps of a SQLite file; each has grown by a fifth in the month.</summary>
    private static IEnumerable<Sample> At(IReadOnlyList<Database> databases, long at, long now)
    {
        var bytes = 120_000 - (now - at) / 130;
        var state = new DatabaseState(
            DateTimeOffset.FromUnixTimeSeconds(at), bytes, "SQLite",
            [StateFact.Bytes(Metric.File, "", bytes), StateFact.Bytes(Metric.Wal, "", 0), StateFact.Bytes(Metric.Free, "", 0), StateFact.Count(Metric.Pages, "", bytes / 4096)]);
        return databases.SelectMany(database => ReadNumbers.Of(database.Id, state, at));
    }

    private DashboardStore OpenStore()
    {
        var builder = new DbContextOptionsBuilder<DashboardStore>();
        SqliteStore.Use(builder, StoreFile);
        return new DashboardStore(builder.Options);
    }
}

using System.Globalization;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Dashboard.Serving;
using Dashboard.Sqlite.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Benchmarks;

/// <summary>Bar 5: what a backup adds to the memory of the real server.</summary>
internal sealed class MemoryBar(BenchmarkOptions options, string source, string scratch, Figures figures)
{
    private const string ResetPeak = "5";
    private const int KibPerMib = 1024;
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(5);

    public async Task MeasureAsync()
    {
        await using var server = await DashboardServer.StartAsync(Path.Combine(scratch, "data"), ("Sample", "false"));
        await using var store = OpenStore(server.StoreFile);
        var database = new Database { Id = Guid.CreateVersion7(), Slug = "shop", Name = "shop", Engine = "sqlite", Location = source, AddedAt = TimeProvider.System.GetUtcNow() };
        store.Databases.Add(database);
        await store.SaveChangesAsync();
        await EndAsync(store);
        await Task.Delay(Settle);

        List<double> rises = [];
        for (var round = 0; round < 3; round++)
        {
            var before = Read(server.ProcessId, "VmRSS");
            await File.WriteAllTextAsync($"/proc/{server.ProcessId}/clear_refs", ResetPeak);
            var run = await AskAsync(store, database);
            await EndAsync(store);
            rises.Add(Read(server.ProcessId, "VmHWM") - before);
            await DescribeAsync(store, run, before);
        }

        figures.Add("5 memory that a backup adds to the server, MiB", rises.Max(), 80, $"at {options.Mib} MiB: {string.Join(", ", rises.Select(rise => $"{rise:0}"))} MiB");
        await server.StopAsync();
    }

    private static async Task<Guid> AskAsync(DashboardStore store, Database database)
    {
        var now = TimeProvider.System.GetUtcNow();
        var run = new Run
        {
            Id = Guid.CreateVersion7(now),
            Job = JobKeys.Backup,
            SubjectKind = SubjectKind.Database,
            SubjectId = database.Id,
            AskedBy = "Benchmarks",
            DueAt = now,
            QueuedAt = now,
            Writes = false,
            IsOneAtATime = true,
        };
        store.Runs.Add(run);
        await store.SaveChangesAsync();
        return run.Id;
    }

    private static async Task EndAsync(DashboardStore store)
    {
        while (await store.Runs.AnyAsync(run => run.State < RunState.Succeeded))
        {
            await Task.Delay(Glance);
        }
    }

    private static async Task DescribeAsync(DashboardStore store, Guid id, double before)
    {
        var run = await store.Runs.AsNoTracking().FirstAsync(run => run.Id == id);
        var phases = await store.RunPhases.AsNoTracking().Where(phase => phase.RunId == id).OrderBy(phase => phase.Id).ToListAsync();
        var words = phases.GroupBy(phase => phase.Name).Select(of => $"{of.Key} {of.Sum(phase => (phase.EndedAt - phase.StartedAt)?.TotalSeconds ?? 0):0.00}");
        Figures.Inform($"the whole backup by the server (at {before:0} MiB): {run.State} in {(run.EndedAt - run.StartedAt)?.TotalSeconds:0.0} s: {string.Join(", ", words)}");
    }

    private static DashboardStore OpenStore(string file)
    {
        var builder = new DbContextOptionsBuilder<DashboardStore>();
        SqliteStore.Use(builder, file);
        return new DashboardStore(builder.Options);
    }

    /// <summary>A line of /proc/[pid]/status in MiB.</summary>
    private static double Read(int process, string key)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith(key + ":", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^2], CultureInfo.InvariantCulture) / KibPerMib;
    }
}

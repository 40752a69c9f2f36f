using System.Diagnostics;
using System.Text.Json;
using Dashboard.Core.Jobs;
using Dashboard.Serving;

namespace Dashboard.Trials.Postgres;

/// <summary>The real dashboard, a PostgreSQL of its own that may be killed, and ledgers in use: one reached directly, one through a cable that can be cut, one with a small disk for its backups.</summary>
internal sealed class PostgresBench : IAsyncDisposable
{
    /// <summary>For the longest run, a restore of twenty thousand tables on a busy machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(2);

    private readonly int _megabytes;

    private PostgresBench(DashboardServer dashboard, PostgresServer postgres, string? smallDisk, int megabytes)
    {
        Dashboard = dashboard;
        Postgres = postgres;
        SmallDisk = smallDisk;
        _megabytes = megabytes;
        Store = new ServerStore(dashboard.StoreFile);
        Proxy = new CutProxy(postgres.Port);
        Proof = new BackupProof(postgres, Store, dashboard.DataFolder);
        Leftovers = new Leftovers(postgres, Store, () => Targets.Select(target => target.BackupFolder));
    }

    public DashboardServer Dashboard { get; }

    public PostgresServer Postgres { get; }

    public CutProxy Proxy { get; }

    public ServerStore Store { get; }

    public BackupProof Proof { get; }

    public Leftovers Leftovers { get; }

    /// <summary>Where a disk of a few megabytes is mounted; null where that is not allowed.</summary>
    public string? SmallDisk { get; }

    /// <summary>Of a backup, unpacked.</summary>
    public long ContentBytes { get; private set; }

    public List<PostgresTarget> Targets { get; } = [];

    public static async Task<PostgresBench> SetUpAsync(string root, PostgresTrialOptions options)
    {
        var postgres = await PostgresServer.StartAsync(Path.Combine(root, "server"));
        DashboardServer? dashboard = null;
        try
        {
            dashboard = await DashboardServer.StartAsync(Path.Combine(root, "data"), ("Sample", "false"), ("MetricsSeconds", "3600"));
            var bench = new PostgresBench(dashboard, postgres, Trials.Postgres.SmallDisk.Mount(Path.Combine(root, "small"), options.Megabytes * 12), options.Megabytes);
            foreach (var port in new[] { postgres.Port, bench.Proxy.Port })
            {
                await bench.Store.KeepLoginAsync(PostgresServer.ServerWord(postgres.Host, port), postgres.User, postgres.Password);
            }

            return bench;
        }
        catch
        {
            await (dashboard?.DisposeAsync() ?? ValueTask.CompletedTask);
            await postgres.DisposeAsync();
            throw;
        }
    }

    /// <summary>The ledger that a fault needs; made, backed up and restored once when it is asked for first.</summary>
    public async Task<PostgresTarget> TargetAsync(FaultKind kind)
    {
        var name = kind switch
        {
            FaultKind.CutConnection => "ledger_cut",
            FaultKind.FullDisk => "ledger_small",
            _ => "ledger",
        };
        return Targets.Find(target => target.Database == name)
            ?? await LearnAsync(await AddAsync(name, name.Replace('_', '-'), kind == FaultKind.CutConnection ? Proxy.Port : null, kind == FaultKind.FullDisk ? SmallDisk : null));
    }

    public async Task<PostgresTarget> AddAsync(string database, string slug, int? port = null, string? folder = null)
    {
        await PostgresLedger.CreateAsync(Postgres, database, _megabytes);
        return await RegisterAsync(database, slug, new PostgresWriter(Postgres, database), port, folder);
    }

    public async Task<PostgresTarget> RegisterAsync(string database, string slug, PostgresWriter? writer, int? port = null, string? folder = null)
    {
        var registered = await Store.RegisterAsync(slug, Postgres.LocationOf(database, port), "postgres", folder);
        var target = new PostgresTarget(registered, database, Path.Combine(folder ?? Path.Combine(Dashboard.DataFolder, "backups"), slug), writer);
        Targets.Add(target);
        return target;
    }

    /// <summary>Runs a job to its end, without a fault.</summary>
    /// <exception cref="TrialException">When it does not succeed.</exception>
    public async Task<Run> RunAsync(PostgresTarget target, string job, object? arguments = null)
    {
        var id = await Store.AskAsync(job, target.Registered.Id, arguments);
        var run = await WaitUntilEndedAsync(id);
        return run.State is RunState.Succeeded or RunState.SucceededWithWarnings ? run : throw new TrialException($"{job} of {target.Database} without a fault: {run.State} {run.Summary} {run.Problem}");
    }

    public async Task<Run> BackUpAsync(PostgresTarget target, string state)
    {
        var run = await RunAsync(target, JobKeys.Backup);
        var backup = (await Store.ReadBackupsAsync()).Single(backup => backup.RunId == run.Id);
        target.Backups[state] = backup.Id;
        ContentBytes = backup.ContentBytes;
        return run;
    }

    /// <summary>Without a fault; what was live is kept.</summary>
    public async Task<Run> RestoreAsync(PostgresTarget target, string state)
    {
        var before = await PostgresLedger.ReadAsync(Postgres, target.Database, long.MaxValue);
        var run = await RunAsync(target, JobKeys.Restore, Restoring(target, state));
        var restore = await Store.FindRestoreAsync(run.Id) ?? throw new TrialException("A restore that succeeded is not recorded.");
        target.Kept.Add(new KeptLedger(restore.Id, restore.Kept!, before.State));
        return run;
    }

    public static object Restoring(PostgresTarget target, string state) => new { BackupId = target.Backups[state], WithoutUndo = false };

    public async Task<Run> WaitUntilEndedAsync(Guid id) => await WaitUntilAsync(id, run => !run.IsOpen);

    public Task<Run> WaitUntilRunningAsync(Guid id) => WaitUntilAsync(id, run => run.State != RunState.Queued);

    /// <summary>Until the names are about to be changed: the checkpoint then tells the engine which database is which.</summary>
    public Task<Run> WaitUntilSwappingAsync(Guid id) => WaitUntilAsync(id, run => !run.IsOpen || HasMark(run));

    public async ValueTask DisposeAsync()
    {
        foreach (var target in Targets)
        {
            await target.DisposeAsync();
        }

        await Proxy.DisposeAsync();
        await Dashboard.DisposeAsync();
        await Postgres.DisposeAsync();
        if (SmallDisk is not null)
        {
            Trials.Postgres.SmallDisk.Unmount(SmallDisk);
        }
    }

    /// <summary>Both contents as backups, and each kind of work once to its end with the time that it took.</summary>
    private async Task<PostgresTarget> LearnAsync(PostgresTarget target)
    {
        await BackUpAsync(target, "A");
        await PostgresLedger.BecomeAsync(Postgres, target.Database, "B");
        var dump = Length(await BackUpAsync(target, "B"));

        var restoring = RestoreAsync(target, "A");
        var id = (await WaitForOpenRunAsync(target)).Id;
        await WaitUntilRunningAsync(id);
        var clock = Stopwatch.StartNew();
        await WaitUntilSwappingAsync(id);
        var restore = clock.Elapsed;
        await restoring;
        var swap = clock.Elapsed - restore;

        var kept = target.Kept[^1];
        var undo = Length(await RunAsync(target, JobKeys.Undo, new { RestoreId = kept.Restore }));
        target.Kept.Remove(kept);
        target.Usual = new UsualLengths(dump, restore, swap, undo);
        Console.WriteLine($"{target.Database} without a fault: dump {dump.TotalMilliseconds:0}, restore {restore.TotalMilliseconds:0}, change of names {swap.TotalMilliseconds:0}, undo {undo.TotalMilliseconds:0} ms");
        return target;
    }

    private static TimeSpan Length(Run run) => run.EndedAt!.Value - run.StartedAt!.Value;

    private async Task<Run> WaitForOpenRunAsync(PostgresTarget target)
    {
        while (true)
        {
            if ((await Store.ReadOpenRunsAsync()).FirstOrDefault(run => run.SubjectId == target.Registered.Id) is { } run)
            {
                return run;
            }

            await Task.Delay(Glance);
        }
    }

    private async Task<Run> WaitUntilAsync(Guid id, Func<Run, bool> isEnough)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var run = await Store.ReadRunAsync(id);
            if (isEnough(run))
            {
                return run;
            }

            if (clock.Elapsed > Patience)
            {
                throw new TrialException($"{run.Job} is {run.State} after {Patience.TotalSeconds:0} s, at {await Store.ReadPhaseAsync(id)}.");
            }

            await Task.Delay(Glance);
        }
    }

    private static bool HasMark(Run run)
    {
        using var checkpoint = JsonDocument.Parse(run.Checkpoint ?? "{}");
        return checkpoint.RootElement.TryGetProperty("Token", out var token) && token.ValueKind == JsonValueKind.String;
    }
}

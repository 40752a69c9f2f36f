using System.Diagnostics;
using Dashboard.Core.Jobs;
using Dashboard.Serving;

namespace Dashboard.Trials;

/// <summary>The real server over a folder of its own, two ledgers in use, and backups to restore.</summary>
internal sealed class TrialBench : IAsyncDisposable
{
    private const int TransactionsPerSecond = 50;
    private const int SecondsPerTrial = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LookAtStore = TimeSpan.FromMilliseconds(10);

    private TrialBench(string root, DashboardServer server)
    {
        Server = server;
        Store = new ServerStore(server.StoreFile);
        Folders = new BackupFolderCheck(Path.Combine(server.DataFolder, "backups"), Directory.CreateDirectory(Path.Combine(root, "scratch")).FullName);
    }

    public DashboardServer Server { get; }

    public ServerStore Store { get; }

    public BackupFolderCheck Folders { get; }

    public Usual Usual { get; } = new();

    public List<TrialDatabase> Databases { get; } = [];

    public static async Task<TrialBench> SetUpAsync(string root, TrialOptions options)
    {
        var server = await DashboardServer.StartAsync(Path.Combine(root, "data"), ("Sample", "false"));
        var bench = new TrialBench(root, server);
        try
        {
            await bench.PrepareAsync(root, options);
            return bench;
        }
        catch
        {
            await bench.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the server works on a run.</summary>
    public async Task WaitUntilRunningAsync(Guid run)
    {
        var clock = Stopwatch.StartNew();
        while ((await Store.ReadRunAsync(run)).State == RunState.Queued)
        {
            Demand(clock.Elapsed < Patience, "The server did not begin the run.");
            await Task.Delay(Glance);
        }
    }

    /// <summary>Watches a run from step to step until <paramref name="isEnough"/> or its end; returns the steps seen, with their times.</summary>
    public async Task<IReadOnlyList<(Step Step, TimeSpan At)>> WatchAsync(Guid run, Footprints footprints, Func<Step, bool> isEnough)
    {
        var clock = Stopwatch.StartNew();
        var looked = TimeSpan.Zero;
        List<(Step Step, TimeSpan At)> seen = [];
        while (true)
        {
            var step = footprints.Look();
            if (clock.Elapsed - looked > LookAtStore)
            {
                looked = clock.Elapsed;
                step = (await Store.ReadRunAsync(run)).IsOpen ? step : Step.Ended;
            }

            if (seen.Count == 0 || seen[^1].Step < step)
            {
                seen.Add((step, clock.Elapsed));
            }

            if (step == Step.Ended || isEnough(step))
            {
                return seen;
            }

            Demand(clock.Elapsed < Patience + Patience, $"The run did not end; it is at {step}.");
            await Task.Delay(Glance);
        }
    }

    /// <summary>Runs an operation to its end, without a fault, and learns from it.</summary>
    public async Task<Run> RunAsync(Operation operation, TrialDatabase database, Source? source = null)
    {
        var footprints = new Footprints(operation, database.BackupFolder, source?.ContentBytes ?? 0);
        var id = await AskAsync(operation, database, source);
        await WaitUntilRunningAsync(id);
        Usual.Learn(operation, database.Journal, await WatchAsync(id, footprints, _ => false));
        var run = await Store.ReadRunAsync(id);
        Demand(run.State == RunState.Succeeded, $"{operation} without a fault: {run.State} {run.Summary} {run.Problem}");
        if (await Store.FindRestoreAsync(id) is { } done)
        {
            await RememberUndoableAsync(database, done.Id, done.UndoBackupId!.Value);
        }

        return run;
    }

    public Task<Guid> AskAsync(Operation operation, TrialDatabase database, Source? source) => operation switch
    {
        Operation.Backup => Store.AskAsync(JobKeys.Backup, database.Registered.Id),
        Operation.Restore => Store.AskAsync(JobKeys.Restore, database.Registered.Id, new { BackupId = source!.Id, WithoutUndo = false }),
        _ => Store.AskAsync(JobKeys.Undo, database.Registered.Id, new { RestoreId = source!.Id }),
    };

    public async Task RememberUndoableAsync(TrialDatabase database, Guid restore, Guid undoCopy)
    {
        var copy = (await Store.ReadBackupsAsync()).First(backup => backup.Id == undoCopy);
        database.Undoable.Add(new Source(restore, LedgerFile.Read(Path.Combine(copy.Folder, copy.FileName), long.MaxValue).State, copy.ContentBytes));
    }

    /// <exception cref="TrialException">When a run stays open.</exception>
    public async Task WaitUntilIdleAsync()
    {
        var clock = Stopwatch.StartNew();
        while (await Store.ReadOpenRunsAsync() is { Count: > 0 } open)
        {
            Demand(clock.Elapsed < Patience, $"Still open {Patience.TotalSeconds} s after the start: {string.Join(", ", open.Select(run => $"{run.Job} {run.State}"))}");
            await Task.Delay(LookAtStore);
        }
    }

    /// <summary>Ends the applications and hears what they saw.</summary>
    public async Task<IReadOnlyList<(bool IsGood, string Words)>> EndAsync()
    {
        List<(bool, string)> words = [];
        foreach (var database in Databases)
        {
            words.AddRange(await database.EndAsync());
        }

        return words;
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        foreach (var database in Databases)
        {
            database.Dispose();
        }
    }

    private async Task PrepareAsync(string root, TrialOptions options)
    {
        await WaitUntilIdleAsync();
        foreach (var journal in options.OnlyJournal is { } only ? [only] : Enum.GetValues<Journal>())
        {
            var database = await TrialDatabase.CreateAsync(Store, root, journal, options.Megabytes, TransactionsPerSecond, 600 + options.Trials * SecondsPerTrial);
            Databases.Add(database);
            await LearnAsync(database);
        }

        await DemandNothingLostAsync();
    }

    /// <summary>Both contents as backups, and each operation once to its end.</summary>
    private async Task LearnAsync(TrialDatabase database)
    {
        await BackUpAsync(database, "A");
        database.Become("B");
        await BackUpAsync(database, "B");
        await RunAsync(Operation.Restore, database, database.Backups["A"]);
        var undone = database.Undoable[^1];
        await RunAsync(Operation.Undo, database, undone);
        database.Undoable.Remove(undone);
    }

    private async Task DemandNothingLostAsync()
    {
        var inventory = await Store.ReadBackupsAsync();
        var found = await Folders.DemandConsistentAsync(inventory, 0);
        foreach (var database in Databases)
        {
            var committed = database.ReadNewlyCommitted();
            database.DemandNothingLost(committed, LedgerFile.Read(database.File, 0), inventory, found);
        }
    }

    private async Task BackUpAsync(TrialDatabase database, string state)
    {
        var run = await RunAsync(Operation.Backup, database);
        var backup = (await Store.ReadBackupsAsync()).First(backup => backup.RunId == run.Id);
        database.Backups[state] = new Source(backup.Id, state, backup.ContentBytes);
    }

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new TrialException(otherwise);
        }
    }
}

using System.Diagnostics;
using Dashboard.Core.Backups;
using Dashboard.Core.Jobs;

namespace Dashboard.Trials;

/// <summary>What a trial came to.</summary>
/// <param name="Landed">Where the kill hit.</param>
/// <param name="IsNew">Whether the new content is live afterwards, or for a backup whether there is one.</param>
internal sealed record TrialResult(Fault Fault, Step Landed, bool IsNew, int Committed, TimeSpan Took, string? Broken = null);

/// <summary>One fault: ask, wait for the moment, kill, look with SQLite alone, start again, look at everything.</summary>
internal sealed class Trial(TrialBench bench, Fault fault)
{
    private readonly TrialDatabase _database = bench.Databases.First(database => database.Journal == fault.Journal);
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    public async Task<TrialResult> RunAsync()
    {
        var source = await ChooseAsync();
        var before = LedgerFile.Read(_database.File, long.MaxValue).State;
        var footprints = new Footprints(fault.Operation, _database.BackupFolder, source?.ContentBytes ?? 0);

        var run = await bench.AskAsync(fault.Operation, _database, source);
        await bench.WaitUntilRunningAsync(run);
        await KillAsync(run, footprints);

        var live = LedgerFile.Read(_database.File, long.MaxValue).State;
        Demand(live == before || live == source?.State, $"The live content is {live}; it was {before} and was to be {source?.State ?? before}.");
        var landed = await LandedAsync(run, footprints, isNew: live != before);

        await StartAgainAsync();
        var result = await LookAsync(run, landed, before, live);
        if (fault.Operation == Operation.Undo && result.IsNew)
        {
            // What was undone can't be undone again, except by undoing the undo.
            _database.Undoable.Remove(source!);
        }

        return result;
    }

    /// <summary>What is restored always differs from what is live, so that old and new content can be told apart.</summary>
    private async Task<Source?> ChooseAsync()
    {
        if (fault.Operation == Operation.Backup)
        {
            return null;
        }

        var live = LedgerFile.Read(_database.File, long.MaxValue).State;
        var other = _database.Backups.Values.Single(backup => backup.State != live);
        if (fault.Operation == Operation.Restore)
        {
            return other;
        }

        if (_database.Undoable.FindLast(restore => restore.State != live) is { } undoable)
        {
            return undoable;
        }

        await bench.RunAsync(Operation.Restore, _database, other);
        return _database.Undoable[^1];
    }

    private async Task KillAsync(Guid run, Footprints footprints)
    {
        var seen = await bench.WatchAsync(run, footprints, step => step >= fault.Aim);
        if (seen[^1].Step == fault.Aim)
        {
            await Moment.WaitAsync(bench.Usual.Of(fault) * fault.Portion);
        }

        await bench.Server.KillAsync();
    }

    private async Task<Step> LandedAsync(Guid run, Footprints footprints, bool isNew)
    {
        if (!(await bench.Store.ReadRunAsync(run)).IsOpen)
        {
            return Step.Ended;
        }

        var step = footprints.Look();
        return step == Step.Restoring && isNew ? Step.Committed : step;
    }

    private async Task StartAgainAsync()
    {
        await bench.Server.StartAsync();
        if (fault.SecondKill is { } wait)
        {
            await Moment.WaitAsync(TimeSpan.FromMilliseconds(wait));
            await bench.Server.KillAsync();
            await bench.Server.StartAsync();
        }

        await bench.WaitUntilIdleAsync();
    }

    private async Task<TrialResult> LookAsync(Guid runId, Step landed, string before, string killed)
    {
        // The log is read before the database, so that each number in it must be there.
        var committed = _database.ReadNewlyCommitted();
        var from = committed.Count == 0 ? long.MaxValue : committed.Min();
        var live = LedgerFile.Read(_database.File, from);
        Demand(live.State == killed, $"The content was {killed} after the kill, and the next start made it {live.State}.");
        await _database.DemandUndisturbedAsync(live.Journal);

        var inventory = await bench.Store.ReadBackupsAsync();
        var found = await bench.Folders.DemandConsistentAsync(inventory, from);
        var made = inventory.Where(backup => backup.RunId == runId).ToList();
        var run = await bench.Store.ReadRunAsync(runId);
        var isNew = fault.Operation == Operation.Backup ? DemandTold(run, made) : await DemandToldAsync(run, made, before, live.State);
        _database.DemandNothingLost(committed, live, inventory, found);
        return new TrialResult(fault, landed, isNew, committed.Count, _clock.Elapsed);
    }

    private static bool DemandTold(Run run, List<Backup> made)
    {
        var isWhole = run.State == RunState.Succeeded;
        Demand(isWhole || run.State == RunState.Interrupted, $"The run ended as {run.State}: {run.Summary} {run.Problem}");
        Demand(made.Count == (isWhole ? 1 : 0), $"The run says {run.State}, and the inventory has {made.Count} backups of it.");
        return isWhole;
    }

    /// <summary>The run's words, the row of the restore and the undo copy must fit what is really live.</summary>
    private async Task<bool> DemandToldAsync(Run run, List<Backup> made, string before, string live)
    {
        var isNew = live != before;
        Demand(run.State is RunState.Succeeded or RunState.Interrupted, $"The run ended as {run.State}: {run.Summary} {run.Problem}");
        Demand(isNew || run.State == RunState.Interrupted, $"The content is the old one, and the run says {run.Summary}");
        var restore = await bench.Store.FindRestoreAsync(run.Id);
        Demand((restore is not null) == isNew, $"The content is {(isNew ? "the new" : "the old")} one, and the restore is {(restore is null ? "not " : "")}recorded.");
        Demand(made.Count == (isNew ? 1 : 0) && made.All(copy => copy.Kind == BackupKind.Undo && copy.Id == restore!.UndoBackupId), $"{made.Count} undo copies for {(isNew ? "a" : "no")} restore.");
        if (restore is not null)
        {
            await bench.RememberUndoableAsync(_database, restore.Id, restore.UndoBackupId!.Value);
            Demand(_database.Undoable[^1].State == before, $"The undo copy holds {_database.Undoable[^1].State} instead of {before}.");
        }

        return isNew;
    }

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new TrialException(otherwise);
        }
    }
}

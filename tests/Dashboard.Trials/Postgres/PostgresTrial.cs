using System.Diagnostics;
using Dashboard.Core.Jobs;

namespace Dashboard.Trials.Postgres;

/// <summary>What a trial came to.</summary>
/// <param name="Landed">What the run was doing when it was hit; null when it had ended.</param>
/// <param name="IsNew">Whether the new content is live afterwards, or for a dump whether there is a backup.</param>
/// <param name="Gone">How long after the fault nothing was left of it.</param>
internal sealed record PostgresTrialResult(PostgresFault Fault, string? Landed, bool IsNew, TimeSpan Gone, TimeSpan Took, string Words, string? Broken = null);

/// <summary>One fault in the middle of the work: ask, wait for the moment, strike, take it back, wait until nothing is left, look at everything.</summary>
internal sealed class PostgresTrial(PostgresBench bench, PostgresFault fault, PostgresTarget target)
{
    private const int KeptAtOnce = 2;

    private readonly Stopwatch _clock = Stopwatch.StartNew();

    public async Task<PostgresTrialResult> RunAsync()
    {
        var kept = fault.During == Work.Undo ? await ChooseUndoAsync() : null;
        var before = (await PostgresLedger.ReadAsync(bench.Postgres, target.Database, long.MaxValue)).State;
        var wanted = fault.During == Work.Dump ? before : kept?.State ?? Other(before);
        var strike = Strike.Of(fault, bench);
        await strike.PrepareAsync(target);

        var id = fault.During switch
        {
            Work.Dump => await bench.Store.AskAsync(JobKeys.Backup, target.Registered.Id),
            Work.Undo => await bench.Store.AskAsync(JobKeys.Undo, target.Registered.Id, new { RestoreId = kept!.Restore }),
            _ => await bench.Store.AskAsync(JobKeys.Restore, target.Registered.Id, PostgresBench.Restoring(target, wanted)),
        };
        await WaitForMomentAsync(id);
        var landed = (await bench.Store.ReadRunAsync(id)).IsOpen ? await bench.Store.ReadPhaseAsync(id) : null;
        await strike.HitAsync(id);
        await strike.RecoverAsync(id);
        var gone = strike.Gone + await bench.Leftovers.DemandGoneAsync(withIdle: false);

        var run = await bench.Store.ReadRunAsync(id);
        var isNew = fault.During == Work.Dump ? await LookAtBackupAsync(run, before) : await LookAtRestoreAsync(run, before, wanted);
        await bench.Proof.DemandWholeAsync([target]);
        return new PostgresTrialResult(fault, landed, isNew, gone, _clock.Elapsed, $"{run.State}: {(run.State == RunState.Failed ? run.Problem : run.Summary)}");
    }

    private async Task<KeptLedger> ChooseUndoAsync()
    {
        var live = (await PostgresLedger.ReadAsync(bench.Postgres, target.Database, long.MaxValue)).State;
        if (target.Kept.FindLast(kept => kept.State != live) is { } found)
        {
            return found;
        }

        await bench.RestoreAsync(target, Other(live));
        return target.Kept[^1];
    }

    private async Task WaitForMomentAsync(Guid run)
    {
        var usual = target.Usual;
        var length = fault.During switch
        {
            Work.Dump => usual.Dump,
            Work.Restore => usual.Restore,
            Work.Swap => usual.Swap,
            _ => usual.Undo,
        };
        await (fault.During == Work.Swap ? bench.WaitUntilSwappingAsync(run) : bench.WaitUntilRunningAsync(run));
        await Moment.WaitAsync(length * fault.Portion);
    }

    /// <summary>The live database is what it was, and there is a backup if and only if the run says so.</summary>
    private async Task<bool> LookAtBackupAsync(Run run, string before)
    {
        await LookAtContentAsync(before, before);
        var made = (await bench.Store.ReadBackupsAsync()).Count(backup => backup.RunId == run.Id);
        var isWhole = run.State is RunState.Succeeded or RunState.SucceededWithWarnings;
        Demand(fault.Kind != FaultKind.HeldLock || run.Problem?.Contains("locked", StringComparison.Ordinal) == true, $"A table was locked all the time, and the run says {run.State}: {run.Problem}");
        Demand(made == (isWhole ? 1 : 0), $"The run says {run.State}, and the inventory has {made} backups of it.");
        return isWhole;
    }

    /// <summary>The run's words, the row of the restore and what is kept must fit what is really live.</summary>
    private async Task<bool> LookAtRestoreAsync(Run run, string before, string wanted)
    {
        var live = await LookAtContentAsync(before, wanted);
        var isNew = live != before;
        var restore = await bench.Store.FindRestoreAsync(run.Id);
        Demand(isNew || run.State is not (RunState.Succeeded or RunState.SucceededWithWarnings), $"The content is the old one, and the run says {run.Summary}");
        Demand((restore is not null) == isNew, $"The content is {(isNew ? "the new" : "the old")} one, and the restore is {(restore is null ? "not " : "")}recorded; the run says {run.State}: {run.Summary} {run.Problem}");
        if (isNew)
        {
            Demand(fault.During != Work.Undo || target.Kept.RemoveAll(kept => kept.State == live) > 0, "What was undone was not kept.");
            target.Kept.Add(new KeptLedger(restore!.Id, restore.Kept!, before));
            Demand((await PostgresLedger.ReadAsync(bench.Postgres, restore.Kept!, long.MaxValue)).State == before, $"{restore.Kept} does not hold what was live before.");
        }

        await ForgetOldAsync();
        return isNew;
    }

    /// <summary>One database bears the name and holds one content; each committed transaction is in it, or in what a restore has set aside.</summary>
    private async Task<string> LookAtContentAsync(string before, string wanted)
    {
        var committed = target.TakeCommitted();
        var from = committed.Count == 0 ? long.MaxValue : committed.Min();
        var live = await PostgresLedger.ReadAsync(bench.Postgres, target.Database, from);
        Demand(live.State == before || live.State == wanted, $"The live content is {live.State}; it was {before} and was to be {wanted}.");
        var numbers = live.Numbers.ToHashSet();
        foreach (var name in await bench.Postgres.ListAsync("postgres", "SELECT datname FROM pg_database WHERE starts_with(datname, $1)", target.Database + "__"))
        {
            numbers.UnionWith((await PostgresLedger.ReadAsync(bench.Postgres, name, from)).Numbers);
        }

        var lost = committed.Where(number => !numbers.Contains(number)).ToList();
        Demand(lost.Count == 0, $"{lost.Count} of {committed.Count} committed transactions are lost, from {lost.FirstOrDefault()} to {lost.LastOrDefault()}.");
        return live.State;
    }

    /// <summary>So that a long round does not fill the disk.</summary>
    private async Task ForgetOldAsync()
    {
        while (target.Kept.Count > KeptAtOnce)
        {
            await bench.Postgres.ExecuteAsync("postgres", $"DROP DATABASE {PostgresServer.Quoted(target.Kept[0].Name)} WITH (FORCE)");
            target.Kept.RemoveAt(0);
        }
    }

    private static string Other(string state) => state == "A" ? "B" : "A";

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new TrialException(otherwise);
        }
    }
}

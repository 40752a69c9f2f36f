using Dashboard.Comparison;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;

namespace Dashboard.Trials.Odd;

/// <summary>One odd database through everything: what the product says of each step, and what is true.</summary>
internal sealed class OddTrial(OddBench bench, IOddDatabase odd)
{
    private readonly List<OddStep> _steps = [];

    public async Task<IReadOnlyList<OddStep>> RunAsync()
    {
        if (await AddAsync() is not { } database)
        {
            return _steps;
        }

        try
        {
            var before = await odd.ReadAsync();
            if (await BackUpAsync(database, before) is { } backup)
            {
                await odd.RuinAsync();
                var ruined = await odd.ReadAsync();
                await RestoreAsync(database, backup, before, ruined);
                await CopyAsync(database, backup, before);
            }

            await MaintainAsync(database);
        }
        finally
        {
            await bench.Get<RemoveDatabase>().RemoveAsync(OddBench.Me, database.Id, CancellationToken.None);
        }

        return _steps;
    }

    private async Task<Database?> AddAsync()
    {
        try
        {
            var check = await bench.Get<AddDatabase>().CheckAsync(OddBench.Me, odd.Engine, odd.Typed, CancellationToken.None);
            Note("add", check.Verdict.ToString(), string.Join(" ", new[] { check.Headline, check.NextStep }.Concat(check.Facts.Where(fact => fact.Verdict != LocationVerdict.Good).Select(fact => $"{fact.Label}: {fact.Value}"))), null);
            return await bench.Get<AddDatabase>().AddAsync(OddBench.Me, odd.Engine, odd.Typed, $"odd {odd.Seed}", CancellationToken.None);
        }
        catch (DatabaseException refused)
        {
            Note("add", "refused", $"{refused.Message} {refused.NextStep}", null);
            return null;
        }
    }

    private async Task<Backup?> BackUpAsync(Database database, Content before)
    {
        var said = await bench.RunAsync(() => bench.Get<AskForRun>().AskAsync(OddBench.Me, JobKeys.Backup, database.Subject, null, CancellationToken.None));
        var backup = said.Run is { } run ? await bench.BackupOfAsync(run) : null;
        if (backup is null)
        {
            Note("back up", said, said.IsDone ? ["it says that it is done, and there is no backup"] : []);
            return null;
        }

        var differences = (await odd.ReadBackupAsync(Path.Combine(backup.Folder, backup.FileName))).Differences(before, odd.IsOfContent);
        Note("back up", said.Colour + (backup.IsGood ? ", good" : ", not good"), said.Words, said.IsGreen && odd.Kinds.Contains("zero tables") ? "green, without a table: is it the right database?" : Untrue(true, "the backup", Claimed(said, backup, differences)), differences);
        var check = await bench.RunAsync(() => bench.Get<AskForRestore>().CheckAsync(OddBench.Me, backup.Id, CancellationToken.None));
        Note("check the backup", check, check.IsDone || differences.Count > 0 ? [] : ["the backup is whole, and its check fails"]);
        return backup;
    }

    /// <summary>Green claims all of it. What is good and amber claims the rows, and names in its notes what of the rest it could not have.</summary>
    private static IReadOnlyList<string> Claimed(Said said, Backup backup, IReadOnlyList<string> differences) =>
        said.IsGreen ? differences
        : backup.IsGood ? [.. differences.Where(one => one.StartsWith("rows", StringComparison.Ordinal) || one.StartsWith("table", StringComparison.Ordinal) || one.StartsWith("large object", StringComparison.Ordinal))]
        : [];

    private async Task RestoreAsync(Database database, Backup backup, Content before, Content ruined)
    {
        var plan = await bench.Get<PlanRestore>().PlanAsync(OddBench.Me, backup.Id, CancellationToken.None);
        var reasons = new[] { plan!.Blocker, plan.OwnersProblem, plan.LiveProblem }.OfType<string>().Concat(plan.Gaps.Select(gap => gap.ToString())).ToList();
        Note("plan", reasons.Count > 0 ? "refused" : plan.Warnings.Count > 0 ? "amber" : "green", string.Join(" | ", reasons.Concat(plan.Warnings)), null);

        var said = await bench.RunAsync(() => bench.Get<AskForRestore>().InPlaceAsync(OddBench.Me, backup.Id, database.Name, CancellationToken.None));
        var now = await odd.ReadAsync();
        var (missing, moved) = (now.Differences(before, odd.IsRestored), now.Differences(ruined, odd.IsRestored));
        Note("restore", said.Colour, said.Words, said.IsDone
            ? Untrue(said.IsGreen, "the restored database", missing)
            : moved.Count > 0 && missing.Count > 0 ? Untrue(true, "a restore that failed, and left it changed:", moved)
            : missing.Count == 0 && moved.Count > 0 ? "the restore is called failed, and the content is the restored one"
            : reasons.Count == 0 && plan.Warnings.Count == 0 ? "the plan promised a restore that does not work" : null, missing);
        if (!said.IsDone || await bench.RestoreOfAsync(said.Run!.Value) is not { HasUndo: true } restore)
        {
            return;
        }

        var undone = await bench.RunAsync(() => bench.Get<AskForRestore>().UndoAsync(OddBench.Me, restore.Id, CancellationToken.None));
        var lost = (await odd.ReadAsync()).Differences(ruined, odd.IsRestored);
        Note("undo", undone.Colour, undone.Words, undone.IsDone ? Untrue(undone.IsGreen, "what undo brought back", lost) : "an undo was promised and does not work", lost);
    }

    private async Task CopyAsync(Database database, Backup backup, Content before)
    {
        var said = await bench.RunAsync(() => bench.Get<AskForRestore>().AsCopyAsync(OddBench.Me, backup.Id, CancellationToken.None));
        if (!said.IsDone)
        {
            var promised = (await bench.Get<PlanRestore>().PlanAsync(OddBench.Me, backup.Id, CancellationToken.None)) is { CopyBlocker: null, OwnersProblem: null, Gaps.Count: 0, Warnings.Count: 0 };
            Note("copy", said, promised ? ["the plan names nothing that could keep a copy from being made"] : []);
            return;
        }

        // "<location> holds 4 KiB (3 rows), made in 1 s."
        var differences = (await odd.ReadAsync(said.Words[..said.Words.IndexOf(" holds ", StringComparison.Ordinal)])).Differences(before, odd.IsOfContent);
        Note("copy", said.Colour, said.Words, Untrue(said.IsGreen, "the copy", differences), differences);
    }

    private async Task MaintainAsync(Database database)
    {
        foreach (var line in await bench.Get<ReadMaintenance>().ListAsync(OddBench.Me, database, CancellationToken.None))
        {
            var step = $"maintain: {line.Task.Key}";
            if (line.Outlook.Refusal is { } refusal)
            {
                Note(step, "refused", $"{refusal} {line.Outlook.NextStep}", null);
                continue;
            }

            var (before, damageBefore) = (await odd.ReadAsync(), await odd.FindDamageAsync());
            var said = await bench.RunAsync(() => bench.Get<AskForMaintenance>().AskAsync(OddBench.Me, database, line.Task.Key, database.Name, CancellationToken.None));
            var differences = (await odd.ReadAsync()).Differences(before, odd.IsKeptByMaintenance);
            var damage = await odd.FindDamageAsync();
            var isCheck = line.Task.Key.EndsWith("check", StringComparison.Ordinal);
            Note(step, said.Colour, said.Words,
                differences.Count > 0 ? Untrue(true, "maintenance that changes no content:", differences)
                : damage is not null && damageBefore is null ? $"it was sound before and is not now: {damage}"
                : isCheck && said.IsGreen && damage is not null ? $"a green check, and the engine says: {damage}"
                : !said.IsDone && !isCheck ? "the preview did not foresee that it fails"
                : null, differences);
        }
    }

    private static string? Untrue(bool isClaimed, string what, IReadOnlyList<string> differences) =>
        isClaimed && differences.Count > 0 ? $"{what} differs in {differences.Count}: {string.Join(" | ", differences.Take(6))}" : null;

    private void Note(string step, Said said, IReadOnlyList<string> bad) => Note(step, said.Colour, said.Words, bad.Count == 0 ? null : string.Join(" | ", bad));

    private void Note(string step, string colour, string words, string? bad, IReadOnlyList<string>? differences = null) =>
        _steps.Add(new OddStep(step, colour, words, bad, differences ?? []));
}

/// <param name="Said">What the product said: its colour and its words.</param>
/// <param name="Bad">What is untrue about it; null when nothing.</param>
/// <param name="Differences">Of what was said to be the same, whatever the colour.</param>
internal sealed record OddStep(string Step, string Colour, string Said, string? Bad, IReadOnlyList<string> Differences);

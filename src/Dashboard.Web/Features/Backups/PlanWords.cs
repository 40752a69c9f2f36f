using Dashboard.Core.Backups;
using Dashboard.Core.Databases;

namespace Dashboard.Web.Features.Backups;

/// <summary>What a restore takes and gives, in a sentence for somebody who has ten seconds. Pure.</summary>
internal static class PlanWords
{
    /// <summary>"37 rows that were added since go away, 12 rows come back."</summary>
    public static string Loss(RestorePlan plan)
    {
        if (plan.NowProblem is not null)
        {
            return "What is in the database now could not be counted, so nobody can say what would be lost.";
        }

        var changes = plan.Tables.Select(table => ChangeOf(plan, table) ?? 0).ToList();
        var gone = -changes.Where(change => change < 0).Sum();
        var back = changes.Where(change => change > 0).Sum();
        var sentence = (gone, back) switch
        {
            (0, 0) => plan.NowIsComplete ? "Every table has as many rows now as in the backup." : "The tables that could be counted have as many rows now as in the backup.",
            (_, 0) => $"{Added(gone)}.",
            (0, _) => $"{Back(back)}.",
            _ => $"{Added(gone)}, {Back(back)}.",
        };
        return plan.NowIsComplete || (gone, back) == (0, 0) ? sentence : "At least " + sentence;

        static string Added(long rows) => $"{Words.Count(rows, "row")} that {(rows == 1 ? "was added since goes away" : "were added since go away")}";
        static string Back(long rows) => $"{Words.Count(rows, "row")} {(rows == 1 ? "comes" : "come")} back";
    }

    /// <summary>Rows that the restore adds (or, below zero, removes); null when the table was not counted.</summary>
    public static long? ChangeOf(RestorePlan plan, TableChange table) =>
        plan.NowProblem is not null || (table.Now is null && !plan.NowIsComplete) ? null : table.Change;

    /// <summary>"+12", "−37", "0".</summary>
    public static string Signed(long change) => change switch
    {
        > 0 => "+" + Words.Count(change),
        < 0 => "−" + Words.Count(-change),
        _ => "0",
    };

    /// <summary>Whether the live database itself is rewritten, while others use it.</summary>
    public static bool IsInPlace(RestorePlan plan) => plan is { KeepsBeside: true, IsLiveReadable: true, HasUndo: false, LiveProblem: not null };

    public static string Wait(RestorePlan plan) => IsInPlace(plan)
        ? "Whoever uses the tables waits while they are replaced, in one transaction. It gives way when somebody holds one of them."
        : plan.EndsSessions
        ? plan.KeepsBeside && plan.HasUndo
            ? "The new database is built beside; nobody notices. Then sessions are ended and the names change, which takes less than a second: applications connect anew."
            : "Sessions are ended when the restore begins, and applications connect anew."
        : WaitFor(plan);

    private static string WaitFor(RestorePlan plan) => (plan.WritersWait, plan.ReadersWaitToo) switch
    {
        ({ } wait, true) => $"Writers and readers wait about {About(wait)}.",
        ({ } wait, false) => $"Writers wait about {About(wait)}; readers go on.",
        (null, true) => "Writers and readers wait while the content is exchanged. How long can't be told: this database was never copied here.",
        (null, false) => "Writers wait while the content is exchanged; readers go on. How long can't be told: this database was never copied here.",
    };

    /// <summary>It is a guess, and reads like one.</summary>
    private static string About(TimeSpan wait) => wait < TimeSpan.FromSeconds(1.5) ? "a second" : Words.Duration(wait.TotalSeconds < 60 ? TimeSpan.FromSeconds(Math.Ceiling(wait.TotalSeconds)) : wait).Replace(".0 s", " s", StringComparison.Ordinal);

    public static string Undo(RestorePlan plan) => plan.HasUndo && plan.KeepsBeside
        ? $"What is there now stays as it is, under another name. For {Words.Duration(plan.UndoFor)} one click brings it back; then it is removed."
        : plan.HasUndo
        ? $"An exact copy of now is taken first. For {Words.Duration(plan.UndoFor)} one click brings it back, whatever is written meanwhile."
        : plan.LiveProblem is null ? "There is nothing there now that could be lost."
        : plan is { KeepsBeside: true, IsLiveReadable: true } ? "There will be no undo, and what was written since is lost."
        : "There will be no undo: what is there now can't be read. It is set aside, not deleted.";
}

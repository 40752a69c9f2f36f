namespace Dashboard.Core.Jobs;

/// <summary>What is told of a cancel that can't do any more what it asks for. Pure.</summary>
public static class CancelWords
{
    /// <summary>Short, for a cell of a table.</summary>
    public const string TooLate = "Can't be stopped now";

    /// <summary>Why a phase has no Cancel, and what can be done about its result. Only what replaces content keeps what it replaced.</summary>
    public static string CannotStop(string job, string phase) => $"“{phase}” can't be stopped. {After(job)}";

    /// <summary>A line of the log, at the moment of the cancel.</summary>
    public static string Refused(string by, string job, string phase) => $"{by} requested a cancel, which came too late: {CannotStop(job, phase)}";

    /// <summary>A line of the log, when a run has ended as if nobody had cancelled it.</summary>
    public static string Missed(string by, string phase) => $"{by} requested a cancel during “{phase}”. It came too late: the run had passed the last point at which it can be stopped.";

    /// <summary>For the end of the result.</summary>
    public static string OfResult(string by) => $"A cancel by {by} came too late.";

    private static string After(string job) => job switch
    {
        JobKeys.Restore or JobKeys.RestoreForeign => "You can undo the restore when it has finished.",
        JobKeys.Undo => "You can redo the restore when this has finished.",
        JobKeys.Backup => "The backup is kept; you can delete it when it has finished.",
        JobKeys.RestoreCopy or JobKeys.RestoreForeignAsNew => "The new database is kept; you can remove it when this has finished.",
        JobKeys.CreateIndex => "The index is kept; you can remove it when this has finished.",
        JobKeys.CheckBackup or JobKeys.Health => "It changes no data.",
        JobKeys.RemoveOrphans or JobKeys.Retention or JobKeys.DropIndex => "The change stays and can't be undone by a click.",
        JobKeys.Maintenance => "It changes no rows, and can't be undone.",
        _ => "Its result stays.",
    };
}

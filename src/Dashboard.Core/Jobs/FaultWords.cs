using Dashboard.Core.Databases;

namespace Dashboard.Core.Jobs;

/// <summary>What went wrong and what to do, for a person. Pure.</summary>
public static class FaultWords
{
    /// <summary>ENOSPC and EDQUOT on Unix, ERROR_DISK_FULL on Windows, in the low word of an IOException's HResult.</summary>
    private static readonly HashSet<int> NoSpace = [28, 122, 112];

    public static (string Problem, string? NextStep) Of(Exception fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        return fault switch
        {
            DatabaseException database => (database.Message, database.NextStep),
            IOException io when IsNoSpace(io) => ($"There is no space left on the disk: {io.Message}", "Free some space, delete older backups, or choose another backup folder in the settings."),
            UnauthorizedAccessException denied => ($"{denied.Message} The dashboard runs as {Environment.UserName}.", "Give that user the right to the file or folder, then try again."),
            IOException io => (io.Message, "Look at the disk and the folder named in the message, then try again."),
            _ => ($"{fault.Message} ({fault.GetType().Name})", "This is a fault of the dashboard. The log of the server has the details."),
        };
    }

    public static bool IsNoSpace(IOException fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        return NoSpace.Contains(fault.HResult & 0xFFFF) || fault.Message.Contains("No space left", StringComparison.OrdinalIgnoreCase);
    }
}

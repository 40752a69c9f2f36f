namespace Dashboard.Core.Jobs;

/// <summary>Where a run reports to. Cheap: it may be called thousands of times a second, and from any thread.</summary>
public abstract class RunProgress
{
    /// <summary>Begins a phase and ends the one before it: "Copying", "Checking". The words are read by a person.</summary>
    /// <param name="canCancel">False once nothing can be taken back; the page then shows no Cancel.</param>
    public abstract void Phase(string name, long? totalBytes = null, bool canCancel = true);

    /// <summary>How much of the phase is done. Without a total the bar is indeterminate and shows a counter.</summary>
    public abstract void Report(long doneBytes, long? totalBytes = null);

    /// <summary>How much of the phase is done where it can't be told in bytes: 0 to 1.</summary>
    public virtual void ReportShare(double share)
    {
    }

    /// <summary>A line of the run's log.</summary>
    public abstract void Log(string text, LineLevel level = LineLevel.Info);

    public void Warn(string text) => Log(text, LineLevel.Warning);

    /// <summary>Each a line of its own: the sentence at the end of a run has room for a few.</summary>
    public void Warn(IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        foreach (var text in texts)
        {
            Warn(text);
        }
    }

    /// <summary>For callers that do not watch.</summary>
    public static RunProgress None { get; } = new Silent();

    private sealed class Silent : RunProgress
    {
        public override void Phase(string name, long? totalBytes = null, bool canCancel = true)
        {
        }

        public override void Report(long doneBytes, long? totalBytes = null)
        {
        }

        public override void Log(string text, LineLevel level = LineLevel.Info)
        {
        }
    }
}

public enum LineLevel
{
    Info,
    Warning,
    Error,
}

using Dashboard.Core.Jobs;

namespace Dashboard.Web.Components;

/// <summary>Of a look that one page has asked for and nobody else needs: tells that page of it at most four times a second.</summary>
public sealed class LookProgress(TimeProvider time, Func<Task> tell) : RunProgress
{
    private static readonly TimeSpan Floor = TimeSpan.FromMilliseconds(250);

    private long _told = time.GetTimestamp();
    private long? _totalBytes;

    public long DoneBytes { get; private set; }

    public double? Fraction => _totalBytes is > 0 and var total ? Math.Min(0.99, (double)DoneBytes / total) : null;

    public override void Phase(string name, long? totalBytes = null, bool canCancel = true) => (_totalBytes, DoneBytes) = (totalBytes, 0);

    public override void Report(long doneBytes, long? totalBytes = null)
    {
        DoneBytes = doneBytes;
        if (time.GetElapsedTime(_told) >= Floor)
        {
            _told = time.GetTimestamp();
            _ = tell();
        }
    }

    public override void Log(string text, LineLevel level = LineLevel.Info)
    {
    }
}

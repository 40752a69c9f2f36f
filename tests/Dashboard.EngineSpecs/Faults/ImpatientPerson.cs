namespace Dashboard.EngineSpecs.Faults;

/// <summary>Presses Cancel in a phase: as soon as it begins, or when it has reported something.</summary>
public sealed class ImpatientPerson(int phase, bool waitsForReport) : WatchedProgress, IDisposable
{
    private readonly CancellationTokenSource cancel = new();

    public CancellationToken Token => cancel.Token;

    public bool HasPressed => cancel.IsCancellationRequested;

    public override void Phase(string name, long? totalBytes = null, bool canCancel = true)
    {
        base.Phase(name, totalBytes, canCancel);
        if (!waitsForReport && canCancel && Phases.Count - 1 == phase)
        {
            cancel.Cancel();
        }
    }

    public override void Report(long doneBytes, long? totalBytes = null)
    {
        base.Report(doneBytes, totalBytes);
        if (waitsForReport && Phases[^1].CanCancel && Phases.Count - 1 == phase)
        {
            cancel.Cancel();
        }
    }

    public void Dispose() => cancel.Dispose();
}

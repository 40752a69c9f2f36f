using Dashboard.Core.Jobs;

namespace Dashboard.EngineSpecs.Faults;

/// <summary>Remembers what was reported.</summary>
public class WatchedProgress : RunProgress
{
    private readonly Lock gate = new();
    private readonly List<PhaseSeen> phases = [];
    private readonly List<string> warnings = [];

    public IReadOnlyList<PhaseSeen> Phases => phases;

    public IReadOnlyList<string> Warnings => warnings;

    public override void Phase(string name, long? totalBytes = null, bool canCancel = true)
    {
        lock (gate)
        {
            phases.Add(new PhaseSeen(name, totalBytes, canCancel, 0));
        }
    }

    public override void Report(long doneBytes, long? totalBytes = null)
    {
        lock (gate)
        {
            phases[^1] = phases[^1] with { DoneBytes = doneBytes };
        }
    }

    public override void Log(string text, LineLevel level = LineLevel.Info)
    {
        if (level == LineLevel.Warning)
        {
            lock (gate)
            {
                warnings.Add(text);
            }
        }
    }
}

public sealed record PhaseSeen(string Name, long? TotalBytes, bool CanCancel, long DoneBytes);

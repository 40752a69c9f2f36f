using Dashboard.EngineSpecs.Faults;

namespace Dashboard.Sqlite.Tests.Faults;

/// <summary>Does something the moment a phase begins.</summary>
internal sealed class AtPhase(string phase, Action act) : WatchedProgress
{
    public override void Phase(string name, long? totalBytes = null, bool canCancel = true)
    {
        base.Phase(name, totalBytes, canCancel);
        if (name == phase)
        {
            act();
        }
    }
}

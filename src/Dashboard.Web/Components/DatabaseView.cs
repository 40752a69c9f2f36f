using Dashboard.Core.Databases;
using Dashboard.Core.Fleet;
using Dashboard.Core.Jobs;

namespace Dashboard.Web.Components;

/// <summary>What a tab of a database is given by <see cref="DatabaseFrame"/>, anew with every change.</summary>
/// <param name="Runs">Runs of this database that wait or run.</param>
/// <param name="Version">Rises when lists have to be loaded anew.</param>
public sealed record DatabaseView(FleetRow Row, DatabaseReading Reading, Judgement Judgement, IReadOnlyList<LiveRun> Runs, long Version)
{
    public Database Database => Row.Database;

    public LiveRun? Of(string job) => Runs.FirstOrDefault(run => run.Job == job);
}

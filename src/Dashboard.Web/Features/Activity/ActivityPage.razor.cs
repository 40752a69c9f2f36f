using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Web.Features.Activity;

public sealed partial class ActivityPage
{
    private FeedSnapshot _feed = FeedSnapshot.Empty;

    [Inject] public required ReadRuns Runs { get; set; }

    [Inject] public required JobFeed Feed { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required TimeProvider Time { get; set; }

    private List<LiveRun> Running => [.. _feed.Runs.Where(run => run.State != RunState.Queued)];

    private List<LiveRun> Waiting => [.. _feed.Runs.Where(run => run.State == RunState.Queued)];

    private string Verdict => (Running.Count, Waiting.Count) switch
    {
        (0, 0) => "Nothing is running. A run belongs to no browser tab: it goes on when this page is closed.",
        (var running, 0) => $"{Words.Count(running, "run is", "runs are")} at work. They go on when this page is closed.",
        (0, var waiting) => $"{Words.Count(waiting, "run waits", "runs wait")} for a place.",
        var (running, waiting) => $"{Words.Count(running, "run is", "runs are")} at work, {Words.Count(waiting, "waits", "wait")}. They go on when this page is closed.",
    };

    protected override void OnInitialized() => _feed = Feed.Snapshot();

    /// <summary>Whoever opens the list has seen what failed; the number in the bar goes.</summary>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && await Runs.CountUnseenFailuresAsync(Viewer.Actor, CancellationToken.None) > 0)
        {
            await Runs.SeeAsync(Viewer.Actor, null, Time, CancellationToken.None);
            Feed.Changed();
        }
    }

    private void Took(FeedSnapshot snapshot) => _feed = snapshot;
}

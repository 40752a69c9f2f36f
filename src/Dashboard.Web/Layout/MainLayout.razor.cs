using Dashboard.Core.Jobs;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;

namespace Dashboard.Web.Layout;

public sealed partial class MainLayout : IDisposable
{
    private bool _open = true;
    private int _failures;
    private long _since;
    private FeedSnapshot _feed = FeedSnapshot.Empty;
    private ErrorBoundary? _boundary;
    private DotNetObjectReference<Tab>? _tab;

    [Inject] public required ReadRuns Runs { get; set; }

    [Inject] public required JobFeed Feed { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required Tab Tab { get; set; }

    [Inject] public required NavigationManager Navigation { get; set; }

    [Inject] public required IJSRuntime Js { get; set; }

    private string SkipTo => Navigation.ToBaseRelativePath(Navigation.Uri).Split('#')[0] + "#main";

    private string ActivityLabel => (_feed.Runs.Count, _failures) switch
    {
        (0, 0) => "Activity, nothing running",
        (var running, 0) => $"Activity, {running} running",
        (0, var failed) => $"Activity, {failed} failed",
        var (running, failed) => $"Activity, {running} running, {failed} failed",
    };

    public void Dispose()
    {
        Navigation.LocationChanged -= Moved;
        _tab?.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        Navigation.LocationChanged += Moved;
        _feed = Feed.Snapshot();
        _since = _feed.Version;
        await CountAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        // One call where the page is drawn for the browser's zone already. At a first visit there was no cookie yet, and the zone may be another:
        // the page is keyed by it and drawn anew, and what is clicked before that would be lost with the old one.
        _tab = DotNetObjectReference.Create(Tab);
        if (await Js.InvokeAsync<string?>("dashboardViewer.alive", _tab, Viewer.Zone.Id) is { } other)
        {
            var before = Viewer.Zone;
            Viewer.UseZone(other);
            if (!Viewer.Zone.Equals(before))
            {
                StateHasChanged();
            }

            await Js.InvokeAsync<string?>("dashboardViewer.alive", _tab, null);
        }
    }

    private void Took(FeedSnapshot snapshot) => _feed = snapshot;

    private async Task CountAsync() => _failures = await Runs.CountUnseenFailuresAsync(Viewer.Actor, CancellationToken.None);

    private void Moved(object? sender, LocationChangedEventArgs move)
    {
        _boundary?.Recover();
        InvokeAsync(StateHasChanged);
    }
}

using Dashboard.Core.Databases;
using Dashboard.Core.Fleet;
using Dashboard.Core.Jobs;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Web.Features.Backups;

public sealed partial class BackupsPage
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private IReadOnlyList<Database> _databases = [];
    private long _version;
    private Exception? _fault;
    private CancellationTokenSource? _typing;

    /// <summary>From the address at first; later the field belongs to the person who types, and is not written over.</summary>
    private string? _first;

    [SupplyParameterFromQuery(Name = "q")] public string? Filter { get; set; }

    [Inject] public required ReadFleet Fleet { get; set; }

    [Inject] public required JobFeed Feed { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required TimeProvider Time { get; set; }

    [Inject] public required NavigationManager Navigation { get; set; }

    public void Dispose() => _typing?.Dispose();

    protected override async Task OnInitializedAsync()
    {
        _first = Filter;
        _version = Feed.Snapshot().Version;
        await LoadAsync();
    }

    private void Took(FeedSnapshot snapshot) => _version = snapshot.Version;

    private async Task LoadAsync()
    {
        try
        {
            _databases = [.. (await Fleet.ListAsync(Viewer.Actor, CancellationToken.None)).Select(row => row.Database)];
            _fault = null;
        }
        catch (Exception fault)
        {
            _fault = fault;
        }
    }

    /// <summary>The filter stands in the address, once the person pauses.</summary>
    private async Task TypeAsync(ChangeEventArgs change)
    {
        _typing?.Cancel();
        _typing?.Dispose();
        var typing = _typing = new CancellationTokenSource();
        try
        {
            await Task.Delay(Pause, Time, typing.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        var words = (change.Value as string)?.Trim();
        Navigation.NavigateTo(
            Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["q"] = string.IsNullOrEmpty(words) ? null : words, ["page"] = null }),
            replace: true);
    }
}

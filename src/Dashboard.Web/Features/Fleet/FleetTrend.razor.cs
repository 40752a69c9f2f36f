using Dashboard.Core.Metrics;
using Dashboard.Web.Components;
using Dashboard.Web.Components.Charts;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Web.Features.Fleet;

public sealed partial class FleetTrend
{
    private const int MostPoints = 400;
    private const int MostLeaders = 5;

    private readonly Stack<ChartRange> _before = new();
    private ChartRange _range = ChartRange.Default;
    private (DateTimeOffset From, DateTimeOffset To) _window;
    private ChartModel? _model;
    private ChartTail? _tail;
    private string _words = "";
    private Exception? _fault;
    private HashSet<Guid> _shown = [];
    private int _loading;
    private bool _isLive;

    /// <summary>All of the fleet that counts: not the sample.</summary>
    [Parameter, EditorRequired] public IReadOnlyList<FleetItem> Items { get; set; } = [];

    /// <summary>The span of the address.</summary>
    [Parameter, EditorRequired] public required ChartRange Range { get; set; }

    [Inject] public required ReadTotal Total { get; set; }

    [Inject] public required ReadSeries Series { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required TimeProvider Time { get; set; }

    [Inject] public required NavigationManager Navigation { get; set; }

    private List<FleetItem> Leaders { get; set; } = [];

    protected override async Task OnParametersSetAsync()
    {
        Leaders = [.. Items.Where(item => item.MonthBytes > 0).OrderByDescending(item => item.MonthBytes).Take(MostLeaders)];
        var ids = Items.Select(item => item.Row.Database.Id).ToHashSet();
        var isNew = _range != Range || !_shown.SetEquals(ids);
        if (_range != Range && _before.TryPeek(out var before) && before == Range)
        {
            _before.Pop();
        }

        (_range, _shown) = (Range, ids);
        Follow();
        if (isNew && _isLive)
        {
            await LoadAsync();
        }
    }

    /// <summary>Not before: the first paint of a large fleet would wait for a chart that only a live page can draw, far below the rows.</summary>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _isLive = true;
            await LoadAsync();
            StateHasChanged();
        }
    }

    private async Task LoadAsync()
    {
        var turn = ++_loading;
        try
        {
            var ids = _shown.ToList();
            var first = _range.Key == "all" ? (await Series.FindSpanAsync(Viewer.Actor, [.. ids.Select(id => SeriesKey.Of(id, Metric.Size))], CancellationToken.None))?.From : null;
            var window = _range.Window(Time.GetUtcNow(), first);
            var points = await Total.ReadAsync(Viewer.Actor, ids, window.From, window.To, MostPoints, CancellationToken.None);
            if (turn == _loading)
            {
                _window = window;
                _model = new ChartModel([new ChartSeries("Total size", points)], ChartUnit.Bytes, IsStacked: true, window.From, window.To, []);
                _words = ChartWords.Summary("All databases", points, ChartUnit.Bytes, at => MomentWords.Absolute(at, Time.GetUtcNow(), Viewer.Zone));
                _fault = null;
                Follow();
            }
        }
        catch (Exception fault)
        {
            _fault = fault;
        }
    }

    /// <summary>The last point is what was read a moment ago; one that would move nothing on the screen is not sent.</summary>
    private void Follow()
    {
        if (!_range.IsLive || _model is not { IsEmpty: false } || Items.Any(item => item.SizeBytes is null))
        {
            _tail = _range.IsLive ? _tail : null;
            return;
        }

        double total = Items.Sum(item => item.SizeBytes!.Value);
        var now = Time.GetUtcNow();
        if (_tail is null || _tail.Values[0] != total || now - _tail.At > (_window.To - _window.From) / MostPoints)
        {
            _tail = new ChartTail(now, [total]);
        }
    }

    private void Zoom((DateTimeOffset From, DateTimeOffset To) span)
    {
        _before.Push(_range);
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(ChartRange.Between(span.From, span.To).Address()));
    }

    private void Back() => Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(_before.Peek().Address()));
}

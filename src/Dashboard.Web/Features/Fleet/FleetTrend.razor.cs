using Dashboard.Core.Metrics;
using Dashboard.Web.Components.Charts;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Web.Features.Fleet;

public sealed partial class FleetTrend
{
    private const int MostPoints = 400;
    private const int MostLeaders = 5;

    private ChartModel? _model;
    private ChartTail? _tail;
    private string _words = "";

    /// <summary>All of the fleet that counts: not the sample.</summary>
    [Parameter, EditorRequired] public IReadOnlyList<FleetItem> Items { get; set; } = [];

    [Inject] public required ReadTotal Total { get; set; }

    [Inject] public required ReadSeries Series { get; set; }

    /// <summary>Which databases it is the sum of.</summary>
    protected override object Subject => string.Join(' ', Ids.Order());

    private IEnumerable<Guid> Ids => Items.Select(item => item.Row.Database.Id);

    private List<FleetItem> Leaders { get; set; } = [];

    protected override async Task<DateTimeOffset?> FindFirstAsync() =>
        (await Series.FindSpanAsync(Viewer.Actor, [.. Ids.Select(id => SeriesKey.Of(id, Metric.Size))], CancellationToken.None))?.From;

    protected override async Task<Action> ReadAsync((DateTimeOffset From, DateTimeOffset To) window)
    {
        var points = await Total.ReadAsync(Viewer.Actor, [.. Ids], window.From, window.To, MostPoints, CancellationToken.None);
        return () =>
        {
            _model = new ChartModel([new ChartSeries("Total size", points)], ChartUnit.Bytes, IsStacked: true, window.From, window.To, []);
            _words = ChartWords.Summary("All databases", points, ChartUnit.Bytes, Moment);
        };
    }

    protected override void Follow()
    {
        Leaders = [.. Items.Where(item => item.MonthBytes > 0).OrderByDescending(item => item.MonthBytes).Take(MostLeaders)];
        _tail = Span.IsLive && _model is { IsEmpty: false } && Items.All(item => item.SizeBytes is not null)
            ? ChartTail.After(_tail, Time.GetUtcNow(), [Items.Sum(item => item.SizeBytes!.Value)], (Window.To - Window.From) / MostPoints)
            : Span.IsLive ? _tail : null;
    }
}

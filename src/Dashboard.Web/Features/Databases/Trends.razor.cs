using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Metrics;
using Dashboard.Web.Components;
using Dashboard.Web.Components.Charts;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Web.Features.Databases;

public sealed partial class Trends
{
    private const int LargestTables = 4;

    /// <summary>Three layers that were thinned out each for itself have together at most 600 moments.</summary>
    private const int PointsOfLayer = 200;
    private const int PointsOfLine = 600;
    private const int MostMarks = 400;

    private readonly Stack<ChartRange> _before = new();
    private ChartRange _range = ChartRange.Default;
    private (DateTimeOffset From, DateTimeOffset To) _window;
    private ChartModel? _size;
    private ChartModel? _rows;
    private ChartTail? _tail;
    private string _sizeWords = "";
    private string _rowWords = "";
    private Exception? _fault;
    private Guid _shown;
    private long _version;
    private int _loading;

    [Parameter, EditorRequired] public required DatabaseView View { get; set; }

    /// <summary>The span of the address.</summary>
    [Parameter, EditorRequired] public required ChartRange Range { get; set; }

    [Inject] public required ReadSeries Series { get; set; }

    [Inject] public required ReadGrowth Growth { get; set; }

    [Inject] public required ReadRuns Runs { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required TimeProvider Time { get; set; }

    [Inject] public required NavigationManager Navigation { get; set; }

    private string Empty => _range.Key == "all" || _size is null
        ? "No sample was taken yet. The first comes within a minute."
        : $"Nothing was measured {_range.Words ?? "in this span of time"}.";

    private string EmptyRows => _range.Key == "all" || _rows is null ? "Rows were not counted yet. The first count comes within some minutes." : $"No rows were counted {_range.Words ?? "in this span of time"}.";

    protected override async Task OnParametersSetAsync()
    {
        var isNew = _shown != View.Database.Id || _range != Range;
        if (isNew && _shown == View.Database.Id && _before.TryPeek(out var before) && before == Range)
        {
            _before.Pop();
        }

        (_shown, _range) = (View.Database.Id, Range);
        Follow();

        // The view's version rises when a run has ended: it may be a mark.
        if (isNew || _version != View.Version)
        {
            _version = View.Version;
            await LoadAsync();
        }
    }

    private async Task LoadAsync()
    {
        var turn = ++_loading;
        try
        {
            var id = View.Database.Id;
            var sizes = new[] { SeriesKey.Of(id, Metric.Size), SeriesKey.Of(id, Metric.File), SeriesKey.Of(id, Metric.Free), SeriesKey.Of(id, Metric.Wal) };
            var first = _range.Key == "all" ? (await Series.FindSpanAsync(Viewer.Actor, sizes, CancellationToken.None))?.From : null;
            var window = _range.Window(Time.GetUtcNow(), first);
            var layers = await Series.ReadAsync(Viewer.Actor, sizes, window.From, window.To, PointsOfLayer, CancellationToken.None);
            var (runs, _) = await Runs.ListAsync(Viewer.Actor, new RunFilter(id, Take: MostMarks, OnlyEnded: true, EndedFrom: window.From, EndedTo: window.To), CancellationToken.None);
            var rows = await ReadRowsAsync(id, window);
            if (turn != _loading)
            {
                return;
            }

            var marks = TrendMarks.Of(runs);
            _window = window;
            _size = new ChartModel(Layers(layers), ChartUnit.Bytes, IsStacked: true, window.From, window.To, marks);
            _sizeWords = ChartWords.Summary("On disk", layers[0].Points, ChartUnit.Bytes, Moment);
            _rows = new ChartModel(rows, ChartUnit.Count, IsStacked: false, window.From, window.To, [.. marks.Where(mark => mark.Tone != "quiet")]);
            _rowWords = rows.Count == 0 ? "" : ChartWords.Summary(rows[0].Name, rows[0].Points, ChartUnit.Count, Moment);
            _fault = null;
            Follow();
        }
        catch (Exception fault)
        {
            _fault = fault;
        }
    }

    private async Task<IReadOnlyList<ChartSeries>> ReadRowsAsync(Guid id, (DateTimeOffset From, DateTimeOffset To) window)
    {
        var tables = await Growth.OfTablesAsync(Viewer.Actor, id, Metric.TableRows, CancellationToken.None);
        var largest = tables.Where(table => table.Value.Latest?.At > window.From).OrderByDescending(table => table.Value.Latest!.Value).ThenBy(table => table.Key, StringComparer.Ordinal).Take(LargestTables).Select(table => table.Key).ToList();
        var series = await Series.ReadAsync(Viewer.Actor, [.. largest.Select(table => SeriesKey.Of(id, Metric.TableRows, table))], window.From, window.To, PointsOfLine, CancellationToken.None);
        return [.. series.Where(line => line.Points.Count > 0).Select(line => new ChartSeries(line.Key.Part!, line.Points))];
    }

    /// <summary>What an engine tells apart is stacked; otherwise the size is one layer.</summary>
    private static IReadOnlyList<ChartSeries> Layers(IReadOnlyList<Series> read)
    {
        var (size, file, free, wal) = (read[0].Points, read[1].Points, read[2].Points, read[3].Points);
        if (file.Count == 0)
        {
            return size.Count == 0 ? [] : [new ChartSeries("Size", size)];
        }

        var aligned = AlignSeries.Run([file, free, wal]);
        var data = aligned[0].Select((point, i) => point with { Value = point.Value - (aligned[1].Count == 0 ? 0 : aligned[1][i].Value) }).ToList();
        return [new ChartSeries("Data", data), new ChartSeries("Free pages", aligned[1]), new ChartSeries("Write-ahead log", aligned[2])];
    }

    /// <summary>The last point is what was read a moment ago. One that would move nothing on the screen is not sent.</summary>
    private void Follow()
    {
        if (!_range.IsLive || View.Reading is not { Problem: null, State: { } state } || _size is not { IsEmpty: false } model)
        {
            _tail = _range.IsLive ? _tail : null;
            return;
        }

        IReadOnlyList<double?> values = model.Series.Count == 1
            ? [state.SizeBytes]
            : [Fact(state, Metric.File) - Fact(state, Metric.Free), Fact(state, Metric.Free), Fact(state, Metric.Wal)];
        if (_tail is null || !_tail.Values.SequenceEqual(values) || state.ReadAt - _tail.At > (_window.To - _window.From) / PointsOfLine)
        {
            _tail = new ChartTail(state.ReadAt, values);
        }
    }

    private static double? Fact(DatabaseState state, string key) => state.Facts.FirstOrDefault(fact => fact.Key == key)?.Number;

    private void Zoom((DateTimeOffset From, DateTimeOffset To) span)
    {
        _before.Push(_range);
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(ChartRange.Between(span.From, span.To).Address()));
    }

    private void Back() => Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(_before.Peek().Address()));

    private string Moment(DateTimeOffset at) => MomentWords.Absolute(at, Time.GetUtcNow(), Viewer.Zone);
}

using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Metrics;
using Dashboard.Web.Components;
using Dashboard.Web.Components.Charts;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Web.Features.Databases;

public sealed partial class Trends
{
    private const int LargestTables = 4;

    /// <summary>Three layers that were thinned out each for itself have together at most 600 moments.</summary>
    private const int PointsOfLayer = 200;
    private const int PointsOfLine = 600;
    private const int MostMarks = 400;

    private ChartModel? _size;
    private ChartModel? _rows;
    private ChartTail? _tail;
    private ChartTail? _rowTail;
    private string _sizeWords = "";
    private string _rowWords = "";

    [Parameter, EditorRequired] public required DatabaseView View { get; set; }

    [Inject] public required ReadSeries Series { get; set; }

    [Inject] public required ReadGrowth Growth { get; set; }

    [Inject] public required ReadRuns Runs { get; set; }

    [Inject] public required LiveTables Tables { get; set; }

    /// <summary>The version rises when a run has ended, which may be a mark.</summary>
    protected override object Subject => (View.Database.Id, View.Version);

    private string Empty => Span.Key == "all" || _size is null
        ? "No sample was taken yet. The first comes within a minute."
        : $"Nothing was measured {Span.Words ?? "in this span of time"}.";

    private string EmptyRows => Span.Key == "all" || _rows is null
        ? "Rows were not counted yet. The first count comes within some minutes."
        : $"No rows were counted {Span.Words ?? "in this span of time"}.";

    private IReadOnlyList<SeriesKey> Sizes =>
        [.. new[] { Metric.Size, Metric.File, Metric.Free, Metric.Wal }.Select(metric => SeriesKey.Of(View.Database.Id, metric))];

    protected override async Task<DateTimeOffset?> FindFirstAsync() => (await Series.FindSpanAsync(Viewer.Actor, Sizes, CancellationToken.None))?.From;

    protected override async Task<Action> ReadAsync((DateTimeOffset From, DateTimeOffset To) window)
    {
        var id = View.Database.Id;
        var layers = await Series.ReadAsync(Viewer.Actor, Sizes, window.From, window.To, PointsOfLayer, CancellationToken.None);
        var (runs, _) = await Runs.ListAsync(Viewer.Actor, new RunFilter(id, Take: MostMarks, OnlyEnded: true, EndedFrom: window.From, EndedTo: window.To), CancellationToken.None);
        var rows = await ReadRowsAsync(id, window);
        return () =>
        {
            var marks = TrendMarks.Of(runs);
            _size = new ChartModel(Layers(layers), ChartUnit.Bytes, IsStacked: true, window.From, window.To, marks);
            _sizeWords = ChartWords.Summary("On disk", layers[0].Points, ChartUnit.Bytes, Moment);
            _rows = new ChartModel(rows, ChartUnit.Count, IsStacked: false, window.From, window.To, [.. marks.Where(mark => mark.Tone != "quiet")]);
            _rowWords = rows.Count == 0 ? "" : ChartWords.Summary(rows[0].Name, rows[0].Points, ChartUnit.Count, Moment);
        };
    }

    /// <summary>The last point is what was read a moment ago.</summary>
    protected override void Follow()
    {
        _tail = Span.IsLive && View.Reading is { Problem: null, State: { } state } && _size is { IsEmpty: false } size
            ? ChartTail.After(_tail, state.ReadAt, Values(size, state), (Window.To - Window.From) / PointsOfLine)
            : Span.IsLive ? _tail : null;
        _rowTail = Span.IsLive && _rows is { IsEmpty: false } rows && Tables.Last(View.Database).Value is { } tables
            ? ChartTail.After(_rowTail, tables.ReadAt, Values(rows, tables), (Window.To - Window.From) / PointsOfLine)
            : Span.IsLive ? _rowTail : null;
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

    private static IReadOnlyList<double?> Values(ChartModel size, DatabaseState state) => size.Series.Count == 1
        ? [state.SizeBytes]
        : [Fact(state, Metric.File) - Fact(state, Metric.Free), Fact(state, Metric.Free), Fact(state, Metric.Wal)];

    private static IReadOnlyList<double?> Values(ChartModel rows, TableList tables) =>
        [.. rows.Series.Select(series => (double?)tables.Tables.FirstOrDefault(table => table.Name == series.Name)?.Rows?.Value)];

    private static double? Fact(DatabaseState state, string key) => state.Facts.FirstOrDefault(fact => fact.Key == key)?.Number;
}

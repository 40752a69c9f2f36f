using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Dashboard.Web.Components.Charts;

/// <summary>
/// ApexCharts behind one door. Its parts follow three laws: what is only newer is passed as a tail and waits while the pointer is over the chart;
/// what a person asked for is drawn at once; the theme changes in the browser without a round trip.
/// </summary>
public sealed partial class TimeChart : IAsyncDisposable
{
    private ElementReference _host;
    private IJSObjectReference? _module;
    private IJSObjectReference? _chart;
    private DotNetObjectReference<TimeChart>? _self;
    private ChartModel? _drawn;
    private ChartTail? _told;
    private bool _isDrawing;
    private bool _isOpen;
    private bool _isGone;

    [Parameter, EditorRequired] public string Title { get; set; } = "";

    /// <summary>What it says, in a sentence.</summary>
    [Parameter, EditorRequired] public string Summary { get; set; } = "";

    /// <summary>Null while it is being read for the first time.</summary>
    [Parameter, EditorRequired] public ChartModel? Model { get; set; }

    /// <summary>The newest values, for a chart that ends now.</summary>
    [Parameter] public ChartTail? Live { get; set; }

    /// <summary>A span was drawn with the pointer.</summary>
    [Parameter] public EventCallback<(DateTimeOffset From, DateTimeOffset To)> OnZoom { get; set; }

    /// <summary>What to say when there is nothing in it.</summary>
    [Parameter] public string? Empty { get; set; }

    [Parameter] public int Height { get; set; } = 260;

    [Inject] public required IJSRuntime Js { get; set; }

    /// <summary>The last value as it stands on the chart: of a stack the sum.</summary>
    private string? LastTotal => Total() is { } total ? Math.Round(total).ToString("0", CultureInfo.InvariantCulture) : null;

    [JSInvokable]
    public Task Zoomed(double from, double to) =>
        InvokeAsync(() => OnZoom.InvokeAsync((DateTimeOffset.FromUnixTimeMilliseconds((long)from), DateTimeOffset.FromUnixTimeMilliseconds((long)to))));

    public async ValueTask DisposeAsync()
    {
        _isGone = true;
        try
        {
            if (_chart is not null)
            {
                await _chart.InvokeVoidAsync("dispose");
                await _chart.DisposeAsync();
            }

            if (_module is not null)
            {
                await _module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
        }

        _self?.Dispose();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // Renders come while the browser still draws; what they bring is drawn by the one who is at it.
        if (_isDrawing)
        {
            return;
        }

        _isDrawing = true;
        try
        {
            while (!_isGone && Model is { } model && (!ReferenceEquals(model, _drawn) || (Live is not null && !Equals(Live, _told))))
            {
                await DrawAsync(model);
            }
        }
        catch (Exception gone) when (gone is JSDisconnectedException or TaskCanceledException or ObjectDisposedException)
        {
        }
        finally
        {
            _isDrawing = false;
        }
    }

    private async Task DrawAsync(ChartModel model)
    {
        var live = Live;
        if (_chart is null)
        {
            _self = DotNetObjectReference.Create(this);
            _module = await Js.InvokeAsync<IJSObjectReference>("import", "./Components/Charts/TimeChart.razor.js");
            _chart = await _module.InvokeAsync<IJSObjectReference>("create", _host, _self, Picture(model), Tail(live));
        }
        else if (!ReferenceEquals(model, _drawn))
        {
            // Another span is what somebody asked for; the same span with newer samples can wait until the pointer has left.
            var isAsked = _drawn is null || model.To - model.From != _drawn.To - _drawn.From || (model.From != _drawn.From && Live is null);
            await _chart.InvokeVoidAsync("update", Picture(model), Tail(live), isAsked);
        }
        else
        {
            await _chart.InvokeVoidAsync("live", Tail(live));
        }

        _drawn = model;
        _told = live;
    }

    private double? Total()
    {
        if (Model is not { IsEmpty: false } model)
        {
            return null;
        }

        var values = Live?.Values ?? [.. model.Series.Select(series => series.Last?.Value)];
        return model.IsStacked ? values.Sum() : values[0];
    }

    private object Picture(ChartModel model) => new
    {
        stacked = model.IsStacked,
        unit = model.Unit == ChartUnit.Bytes ? "bytes" : "count",
        height = Height,
        from = model.From.ToUnixTimeMilliseconds(),
        to = model.To.ToUnixTimeMilliseconds(),
        series = model.Series.Select(series => new { name = series.Name, data = series.Points.Select(point => new double?[] { point.At.ToUnixTimeMilliseconds(), point.Value }) }),
        marks = model.Marks.Select(mark => new { at = mark.At.ToUnixTimeMilliseconds(), label = mark.Label, tone = mark.Tone }),
    };

    private static object? Tail(ChartTail? tail) => tail is null ? null : new { at = tail.At.ToUnixTimeMilliseconds(), values = tail.Values };
}

using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Web.Components.Charts;

/// <summary>
/// What every card of charts does: its span of time stands in the address, a zoom can be gone back from, and of two readings the one
/// that was asked for last is shown.
/// </summary>
public abstract class Trend : ComponentBase
{
    private readonly Stack<ChartRange> _before = new();
    private object? _shown;
    private int _turn;
    private bool _isLive;

    /// <summary>The span of the address.</summary>
    [Parameter, EditorRequired] public required ChartRange Range { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required TimeProvider Time { get; set; }

    [Inject] public required NavigationManager Navigation { get; set; }

    protected ChartRange Span { get; private set; } = ChartRange.Default;

    protected (DateTimeOffset From, DateTimeOffset To) Window { get; private set; }

    /// <summary>What was shown before a zoom; null when there was none.</summary>
    protected ChartRange? Before => _before.Count > 0 ? _before.Peek() : null;

    protected Exception? Fault { get; private set; }

    /// <summary>What it is about; when it is another, everything is read anew.</summary>
    protected abstract object Subject { get; }

    /// <summary>When history begins, for the span of all.</summary>
    protected abstract Task<DateTimeOffset?> FindFirstAsync();

    /// <summary>Reads, and returns what takes it over: a page is drawn between any two awaits, and must not be half old.</summary>
    protected abstract Task<Action> ReadAsync((DateTimeOffset From, DateTimeOffset To) window);

    /// <summary>Moves the last point to what was read a moment ago; called whenever something may be newer.</summary>
    protected virtual void Follow()
    {
    }

    protected override async Task OnParametersSetAsync()
    {
        if (Span != Range && Before == Range)
        {
            _before.Pop();
        }

        var isNew = Span != Range || !Equals(_shown, Subject);
        (Span, _shown) = (Range, Subject);
        Follow();
        if (isNew && _isLive)
        {
            await LoadAsync();
        }
    }

    /// <summary>Not before: the first paint would wait for charts that only a live page can draw, below what it shows.</summary>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _isLive = true;
            await LoadAsync();
            StateHasChanged();
        }
    }

    protected async Task LoadAsync()
    {
        var turn = ++_turn;
        try
        {
            var first = Span.Key == "all" ? await FindFirstAsync() : null;
            var window = Span.Window(Time.GetUtcNow(), first);
            var take = await ReadAsync(window);
            if (turn == _turn)
            {
                Window = window;
                take();
                Fault = null;
                Follow();
            }
        }
        catch (Exception fault)
        {
            Fault = fault;
        }
    }

    protected void Zoom((DateTimeOffset From, DateTimeOffset To) span)
    {
        _before.Push(Span);
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(ChartRange.Between(span.From, span.To).Address()));
    }

    protected void Back() => Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(_before.Peek().Address()));

    protected string Moment(DateTimeOffset at) => MomentWords.Absolute(at, Time.GetUtcNow(), Viewer.Zone);
}

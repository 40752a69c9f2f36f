using Bunit;
using Dashboard.Core.Metrics;
using Dashboard.Web.Components.Charts;
using Xunit;

namespace Dashboard.Web.Tests.Charts;

public sealed class TimeChartTests : Pages
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private readonly BunitJSModuleInterop _module;
    private readonly BunitJSObjectReference _chart;

    public TimeChartTests()
    {
        _module = JSInterop.SetupModule("./Components/Charts/TimeChart.razor.js");
        _chart = new BunitJSObjectReference(_module);
    }

    private sealed class BunitJSObjectReference
    {
        private readonly BunitJSModuleInterop _interop;

        public BunitJSObjectReference(BunitJSModuleInterop module)
        {
            _interop = module.SetupModule(invocation => invocation.Identifier == "create");
            _interop.Mode = JSRuntimeMode.Loose;
        }

        public IEnumerable<JSRuntimeInvocation> Calls(string identifier) => _interop.Invocations[identifier];
    }

    [Fact]
    public void While_it_is_read_its_place_is_kept()
    {
        var chart = RenderChart(null);

        Assert.Contains("height: 260px", chart.Find(".skeleton").GetAttribute("style"), StringComparison.Ordinal);
        Assert.Empty(_module.Invocations["create"]);
    }

    [Fact]
    public void Nothing_to_see_is_said_in_words()
    {
        var chart = RenderChart(Model([]));

        Assert.Contains("No sample yet.", chart.Markup, StringComparison.Ordinal);
        Assert.Empty(chart.FindAll("details"));
    }

    [Fact]
    public async Task Its_numbers_stand_behind_it_newest_first()
    {
        var chart = RenderChart(Model([Point(0, 1024), Point(1, null), Point(2, 4096)]));

        Assert.Equal("4096", chart.Find(".canvas").GetAttribute("data-last"));
        Assert.Equal("What it says.", chart.Find("[data-summary]").TextContent);
        Assert.Empty(chart.FindAll("table"));
        await chart.Find("details").TriggerEventAsync("ontoggle", EventArgs.Empty);
        Assert.Equal(["4.00 KiB", "—", "1.00 KiB"], chart.FindAll("tbody td").Select(cell => cell.TextContent));
    }

    [Fact]
    public void What_is_only_newer_is_a_tail_and_not_a_new_picture()
    {
        var model = Model([Point(0, 1024), Point(2, 4096)]);
        var chart = RenderChart(model);

        chart.Render(parameters => parameters.Add(it => it.Live, new ChartTail(Now, [5000])));

        Assert.Single(_chart.Calls("live"));
        Assert.Empty(_chart.Calls("update"));
        Assert.Equal("5000", chart.Find(".canvas").GetAttribute("data-last"));
    }

    [Fact]
    public void Newer_samples_of_the_same_span_may_wait_and_another_span_may_not()
    {
        var chart = RenderChart(Model([Point(0, 1024), Point(2, 4096)]));
        chart.Render(parameters => parameters.Add(it => it.Live, new ChartTail(Now, [5000])));

        chart.Render(parameters => parameters.Add(it => it.Model, Model([Point(0, 1024), Point(3, 4096)], shift: 1)));
        chart.Render(parameters => parameters.Add(it => it.Model, Model([Point(0, 1024)], hours: 48)));

        Assert.Equal([false, true], _chart.Calls("update").Select(call => (bool)call.Arguments[2]!));
    }

    [Fact]
    public void The_same_model_is_drawn_once()
    {
        var model = Model([Point(0, 1024)]);
        var chart = RenderChart(model);

        chart.Render(parameters => parameters.Add(it => it.Title, "Another title"));

        Assert.Single(_module.Invocations["create"]);
        Assert.Empty(_chart.Calls("update"));
    }

    [Fact]
    public async Task A_zoom_comes_back_as_moments()
    {
        (DateTimeOffset From, DateTimeOffset To) zoomed = default;
        var chart = Render<TimeChart>(parameters => parameters.Add(it => it.Title, "Size").Add(it => it.Summary, "").Add(it => it.Model, Model([Point(0, 1)])).Add(it => it.OnZoom, span => zoomed = span));

        await chart.InvokeAsync(() => chart.Instance.Zoomed(Now.ToUnixTimeMilliseconds(), Now.AddHours(1).ToUnixTimeMilliseconds()));

        Assert.Equal((Now, Now.AddHours(1)), zoomed);
    }

    [Fact]
    public async Task Gone_from_the_page_it_is_gone_from_the_browser()
    {
        var chart = RenderChart(Model([Point(0, 1024)]));

        await chart.Instance.DisposeAsync();

        Assert.Single(_chart.Calls("dispose"));
    }

    private IRenderedComponent<TimeChart> RenderChart(ChartModel? model) =>
        Render<TimeChart>(parameters => parameters.Add(it => it.Title, "Size").Add(it => it.Summary, "What it says.").Add(it => it.Empty, "No sample yet.").Add(it => it.Model, model));

    private static ChartModel Model(IReadOnlyList<SeriesPoint> points, int hours = 24, int shift = 0) =>
        new([new ChartSeries("Size", points)], ChartUnit.Bytes, IsStacked: true, Now.AddMinutes(shift).AddHours(-hours), Now.AddMinutes(shift), []);

    private static SeriesPoint Point(int hour, double? value) => new(Now.AddHours(hour - 24), value);
}

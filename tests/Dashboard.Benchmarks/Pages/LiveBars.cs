using System.Text.Json;
using Microsoft.Playwright;

namespace Dashboard.Benchmarks.Pages;

/// <summary>Bar 13: a fleet page of fifty rows while all fifty files change.</summary>
/// <remarks>
/// A push is measured from the moment that the server begins to render the batch (its own meter tells how long rendering took when it hands
/// the batch over) to the moment that the tab's MutationObserver is called, which is when Blazor has applied the batch and before anything is
/// painted. Both are read from the clock of this machine. Batches and messages are paired in their order: each batch is one message.
/// Reading the files comes before, painting after: neither is in it.
/// A round sees some fifteen pushes that change all rows, and the p95 of fifteen is the worst of them: so the pushes of all rounds are taken together,
/// and each round's own p95 is told beside it. Clicks and keys likewise.
/// </remarks>
internal sealed class LiveBars(BenchmarkOptions options, string web, string scratch, Figures figures)
{
    private const int Rows = 50;
    private const int MenusARound = 15;
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(5);
    private static readonly string[] Filters = ["shop-00", "shop-01", "shop-02", "shop-03", "shop-04", "", "shop-01", "shop-03", ""];

    private readonly List<double[]> _pushes = [];
    private readonly List<double> _allPushes = [];
    private readonly List<double> _sent = [];
    private readonly List<double> _updates = [];
    private readonly List<double[]> _clicks = [];
    private readonly List<double[]> _keys = [];
    private int _full;

    public async Task MeasureAsync()
    {
        var fleet = await FleetFolder.MakeAsync(web, Path.Combine(scratch, "fleet-live"), Rows);
        await using var server = await ServedApp.StartWatchedAsync(web, fleet.Arguments());
        await using var browser = await Browser.StartAsync();
        var context = await browser.NewcomerAsync(server);
        var page = await Browser.OpenAsync(context, server.Address);
        await using (new ChangingFiles(fleet.Files))
        {
            await Task.Delay(Settle);
            await TouchAsync(page);
            for (var round = 0; round < options.Rounds; round++)
            {
                await WatchAsync(server, page);
                await ActAsync(page);
            }
        }

        figures.AddP95($"13 push to DOM p95, {Rows} rows changed, ms", _pushes, 20);
        Figures.Inform($"{_full} batches changed at least {Rows * 9 / 10} rows: rendered and sent in {Figures.Median(_sent):0.0} ms (median), the rest the browser; p95 of all batches {Figures.Median(_allPushes):0.0} ms");
        figures.AddRounds("13 updates a second to the tab", _updates, 4);
        figures.AddP95("13 a click answers (menu) p95, ms", _clicks, 35);
        figures.AddP95("13 a key answers (filter) p95, ms", _keys, 35);
        await Browser.CloseAsync(context);
    }

    /// <summary>Nobody is measured on code that has never run.</summary>
    private static async Task TouchAsync(IPage page)
    {
        await page.EvaluateAsync("times => benchmark.clickMenus(times)", MenusARound);
        await page.EvaluateAsync("texts => benchmark.typeFilters(texts)", Filters);
    }

    private async Task WatchAsync(ServedApp server, IPage page)
    {
        await page.EvaluateAsync("() => benchmark.begin()");
        await server.RendersAsync();
        await Task.Delay(Span);
        var pictures = JsonSerializer.Deserialize<List<Picture>>(await page.EvaluateAsync<string>("() => benchmark.pictures()"), JsonSerializerOptions.Web)!;
        var begun = await server.RendersAsync();
        _updates.Add(pictures.Count / Span.TotalSeconds);

        var pushes = Pair(begun, pictures);
        var full = pushes.Where(push => push.Rows >= Rows * 9 / 10).ToList();
        _full += full.Count;
        _pushes.Add([.. full.Select(push => push.Took)]);
        _sent.Add(Figures.Median([.. full.Select(push => push.Sent)]));
        _allPushes.Add(Figures.P95([.. pushes.Select(push => push.Took)]));
    }

    private async Task ActAsync(IPage page)
    {
        _clicks.Add(await page.EvaluateAsync<double[]>("times => benchmark.clickMenus(times)", MenusARound));
        _keys.Add(await page.EvaluateAsync<double[]>("texts => benchmark.typeFilters(texts)", Filters));
    }

    /// <summary>From the last to the first: each message belongs to the newest batch that was begun before it and before the batch of the next message.</summary>
    private static List<Push> Pair(IReadOnlyList<double> begun, IReadOnlyList<Picture> pictures)
    {
        List<Push> pushes = [];
        var next = begun.Count - 1;
        foreach (var picture in Enumerable.Reverse(pictures))
        {
            while (next >= 0 && begun[next] > picture.ArrivedAt)
            {
                next--;
            }

            if (next >= 0 && picture.ChangedAt is { } changedAt)
            {
                pushes.Add(new Push(picture.ArrivedAt - begun[next], changedAt - begun[next], picture.Rows));
            }

            next--;
        }

        return pushes;
    }

    /// <summary>Milliseconds until the message had arrived, and until the page had changed.</summary>
    private sealed record Push(double Sent, double Took, int Rows);

    private sealed record Picture(double ArrivedAt, double? ChangedAt, int Rows);
}

namespace Dashboard.Benchmarks.Pages;

/// <summary>Bar 14: what the product costs before anybody has done anything, beside a Blazor page and a server that do nothing.</summary>
internal sealed class CostBars(BenchmarkOptions options, string web, string plain, string scratch, Figures figures)
{
    private const int Databases = 10;
    private const int Tabs = 20;
    private const int VisitsARound = 5;
    private const string Empty = "empty";

    /// <summary>Charts are drawn, the first numbers are read, and what was needed for that is garbage.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(6);

    public async Task MeasureAsync()
    {
        var fleet = await FleetFolder.MakeAsync(web, Path.Combine(scratch, "fleet-cost"), Databases);
        await using var browser = await Browser.StartAsync();
        await MeasureHeapAsync(fleet, browser);
        await MeasureVisitsAsync(fleet, browser);
        await MeasureStartsAsync(fleet);
    }

    /// <summary>A tab more is a circuit more: what twenty add to what is reachable, with the first one still open.</summary>
    private async Task MeasureHeapAsync(FleetFolder fleet, Browser browser)
    {
        List<double> circuits = [], left = [];
        await using var server = await ServedApp.StartWatchedAsync(web, fleet.Arguments());
        var first = await browser.NewcomerAsync(server);
        await Browser.OpenAsync(first, server.Address + FleetFolder.PageOf(0));
        await OpenTabsAndCloseAsync();
        for (var round = 0; round < options.Rounds; round++)
        {
            var (before, during, after) = await OpenTabsAndCloseAsync();
            circuits.Add((during - before) / Tabs);
            left.Add((after - before) / Tabs);
        }

        figures.AddRounds($"14 managed heap of a circuit (overview page, {Tabs} tabs), MiB", circuits, 3);
        Figures.Inform($"left of each after its tab was closed: {Figures.Median(left):0.00} MiB");
        await Browser.CloseAsync(first);

        async Task<(double Before, double During, double After)> OpenTabsAndCloseAsync()
        {
            var before = await server.HeapMibAsync();
            var context = await browser.NewcomerAsync(server);
            for (var tab = 0; tab < Tabs; tab++)
            {
                await Browser.OpenAsync(context, server.Address + FleetFolder.PageOf(tab % Databases));
            }

            await Task.Delay(Settle);
            var during = await server.HeapMibAsync();
            await Browser.CloseAsync(context);
            await Task.Delay(Settle);
            return (before, during, await server.HeapMibAsync());
        }
    }

    /// <summary>First visits with an empty cache, and what each process holds when they have gone.</summary>
    private async Task MeasureVisitsAsync(FleetFolder fleet, Browser browser)
    {
        List<double> ours = [], theirs = [], ourRest = [], theirRest = [];
        for (var round = 0; round < options.Rounds; round++)
        {
            await using var product = await ServedApp.StartAsync(web, fleet.Arguments());
            await using var page = await ServedApp.StartAsync(plain);
            await VisitAsync(browser, product);
            await VisitAsync(browser, page);
            await Task.Delay(Settle);
            ourRest.Add(product.ResidentMib());
            theirRest.Add(page.ResidentMib());

            List<double> visits = [], plainVisits = [];
            for (var visit = 0; visit < VisitsARound; visit++)
            {
                visits.Add(await VisitAsync(browser, product));
                plainVisits.Add(await VisitAsync(browser, page));
            }

            ours.Add(Figures.Median(visits));
            theirs.Add(Figures.Median(plainVisits));
        }

        figures.AddRatio("14 time to interactive, first visit / plain Blazor page", ours, theirs, 1.6, "ms");
        figures.AddRatio("14 idle RSS after a first page / plain Blazor app", ourRest, theirRest, 1.25, "MiB");
    }

    /// <summary>From the start of the navigation to the mark that clicks now reach the server.</summary>
    private static async Task<double> VisitAsync(Browser browser, ServedApp app)
    {
        var context = await browser.NewcomerAsync(app);
        var page = await Browser.OpenAsync(context, app.Address);
        var alive = await page.EvaluateAsync<double>("() => benchmark.aliveAt()");
        await Browser.CloseAsync(context);
        return alive;
    }

    /// <summary>
    /// To the first answer, which for the product is a small file: the store is open and checked before it listens. The first page is told beside it,
    /// with that of the plain Blazor app: rendering for the first time compiles as much again.
    /// </summary>
    private async Task MeasureStartsAsync(FleetFolder fleet)
    {
        List<Cost> ours = [], empty = [], page = [], plainPage = [];
        for (var round = 0; round <= options.Rounds; round++)
        {
            List<Cost> starts = [await ColdAsync("/img/favicon.svg", web, fleet.Arguments()), await ColdAsync("/", plain, Empty), await ColdAsync("/", web, fleet.Arguments()), await ColdAsync("/", plain)];

            // The first of each only brings the files into memory.
            if (round > 0)
            {
                ours.Add(starts[0]);
                empty.Add(starts[1]);
                page.Add(starts[2]);
                plainPage.Add(starts[3]);
            }
        }

        figures.AddRatio("14 cold start to the first answer / empty ASP.NET app", ours, empty, 1.6);
        Figures.InformRatio("to the first page / plain Blazor app", page, plainPage);
    }

    private static async Task<Cost> ColdAsync(string path, string assembly, params string[] arguments)
    {
        await using var app = await ServedApp.StartAndAskAsync(path, assembly, arguments);
        return app.ColdStart;
    }
}

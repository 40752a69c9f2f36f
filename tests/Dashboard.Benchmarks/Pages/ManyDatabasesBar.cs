namespace Dashboard.Benchmarks.Pages;

/// <summary>Bar 15: the first paint of the fleet page with many databases beside the same page with few.</summary>
internal sealed class ManyDatabasesBar(BenchmarkOptions options, string web, string scratch, Figures figures)
{
    private const int Many = 500;
    private const int Few = 10;
    private const int VisitsARound = 5;

    public async Task MeasureAsync()
    {
        var many = await FleetFolder.MakeAsync(web, Path.Combine(scratch, "fleet-many"), Many);
        var few = await FleetFolder.MakeAsync(web, Path.Combine(scratch, "fleet-few"), Few);
        await using var manyServer = await ServedApp.StartAsync(web, many.Arguments());
        await using var fewServer = await ServedApp.StartAsync(web, few.Arguments());
        await using var browser = await Browser.StartAsync();
        List<double> paints = [], fewPaints = [], bytes = [], fewBytes = [];
        for (var round = 0; round <= options.Rounds; round++)
        {
            List<Visit> visits = [], fewVisits = [];
            for (var visit = 0; visit < VisitsARound; visit++)
            {
                visits.Add(await VisitAsync(browser, manyServer));
                fewVisits.Add(await VisitAsync(browser, fewServer));
            }

            // In the first round both servers still compile what they run.
            if (round > 0)
            {
                paints.Add(Figures.Median([.. visits.Select(visit => visit.FirstPaint)]));
                fewPaints.Add(Figures.Median([.. fewVisits.Select(visit => visit.FirstPaint)]));
                bytes.Add(Figures.Median([.. visits.Select(visit => visit.FirstByte)]));
                fewBytes.Add(Figures.Median([.. fewVisits.Select(visit => visit.FirstByte)]));
            }
        }

        figures.AddRatio($"15 first paint of the fleet, {Many} databases / {Few}", paints, fewPaints, 1.5, "ms");
        Figures.Inform($"of this the server, to its first byte: {Figures.Median(bytes):0} ms / {Figures.Median(fewBytes):0} ms");
    }

    private static async Task<Visit> VisitAsync(Browser browser, ServedApp app)
    {
        var context = await browser.NewcomerAsync(app);
        var page = await Browser.OpenAsync(context, app.Address);
        await page.WaitForFunctionAsync("() => benchmark.firstPaint() !== null");
        var visit = new Visit(await page.EvaluateAsync<double>("() => benchmark.firstPaint()"), await page.EvaluateAsync<double>("() => benchmark.firstByte()"));
        await Browser.CloseAsync(context);
        return visit;
    }

    /// <summary>Milliseconds from the start of the navigation, and from the request.</summary>
    private sealed record Visit(double FirstPaint, double FirstByte);
}

using Microsoft.Playwright;

namespace Dashboard.Benchmarks.Pages;

/// <summary>Bar 18: the product's own chart module, in a page of the real server, beside uPlot on the same points in the same page.</summary>
internal sealed class ChartBar(BenchmarkOptions options, string web, string scratch, Figures figures)
{
    private const int UpdatesARound = 7;
    private static readonly int[] Points = [400, 1000];

    public async Task MeasureAsync()
    {
        var uplot = await FetchAsync();
        var fleet = await FleetFolder.MakeAsync(web, Path.Combine(scratch, "fleet-chart"), 1);
        await using var server = await ServedApp.StartAsync(web, fleet.Arguments());
        await using var browser = await Browser.StartAsync();
        var draw = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Pages", "chart.js"));
        var context = await browser.NewcomerAsync(server);

        // A page without live numbers: nothing else is drawn meanwhile.
        var page = await Browser.OpenAsync(context, server.Address + "/settings");
        await page.EvaluateAsync($"() => {{ window.uPlot = (() => {{ {await File.ReadAllTextAsync(Path.Combine(uplot, "uPlot.iife.min.js"))}; return uPlot; }})(); }}");
        await page.EvaluateAsync("css => { const style = document.createElement('style'); style.textContent = css; document.head.append(style); }", await File.ReadAllTextAsync(Path.Combine(uplot, "uPlot.min.css")));

        foreach (var points in Points)
        {
            await MeasureAsync(page, draw, points);
        }

        await Browser.CloseAsync(context);
    }

    private async Task MeasureAsync(IPage page, string draw, int points)
    {
        List<double> created = [], updated = [], uplotCreated = [], uplotUpdated = [];
        for (var round = 0; round <= options.Rounds; round++)
        {
            var took = await page.EvaluateAsync<double[]>(draw, new { points, updates = UpdatesARound });

            // The first round compiles.
            if (round > 0)
            {
                created.Add(took[0]);
                updated.Add(took[1]);
                uplotCreated.Add(took[2]);
                uplotUpdated.Add(took[3]);
            }
        }

        figures.AddRatio($"18 a chart of {points} points updates, to the next frame / uPlot", updated, uplotUpdated, 2, "ms");
        Figures.Inform($"drawn the first time: {Figures.Median(created):0} ms / {Figures.Median(uplotCreated):0} ms");
    }

    /// <summary>uPlot comes by its lock file into a folder that goes with the run, and only when it is compared with.</summary>
    private async Task<string> FetchAsync()
    {
        var folder = Directory.CreateDirectory(Path.Combine(scratch, "uplot")).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Pages", "uplot")))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        await Published.RunAsync(folder, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        return Path.Combine(folder, "node_modules", "uplot", "dist");
    }
}

namespace Dashboard.Benchmarks.Pages;

/// <summary>Bars 13, 14, 15 and 18: the published product in a real Chromium.</summary>
internal sealed class PageBars(BenchmarkOptions options, string scratch, Figures figures)
{
    public async Task MeasureAsync()
    {
        var published = new Published(scratch);
        var web = await published.AssemblyAsync("src/Dashboard.Web");
        if (options.Wants(13))
        {
            await new LiveBars(options, web, scratch, figures).MeasureAsync();
            SayLoad();
        }

        if (options.Wants(14))
        {
            await new CostBars(options, web, await published.AssemblyAsync("tests/Dashboard.PlainPage"), scratch, figures).MeasureAsync();
            SayLoad();
        }

        if (options.Wants(15))
        {
            await new ManyDatabasesBar(options, web, scratch, figures).MeasureAsync();
            SayLoad();
        }

        if (options.Wants(18))
        {
            await new ChartBar(options, web, scratch, figures).MeasureAsync();
            SayLoad();
        }
    }

    /// <summary>Latencies of a machine that has other work to do say little; the reader must be able to tell.</summary>
    private static void SayLoad() => Figures.Inform($"load of the machine, 1, 5 and 15 minutes: {string.Join(", ", File.ReadAllText("/proc/loadavg").Split(' ').Take(3))} on {Environment.ProcessorCount} cores");
}

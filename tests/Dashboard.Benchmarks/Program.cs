using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Dashboard.Benchmarks;
using Dashboard.Benchmarks.Pages;

// /proc and the stock tools.
[assembly: SupportedOSPlatform("linux")]

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is [Writer.Verb, var database])
{
    return await Writer.RunAsync(database);
}

if (BenchmarkOptions.Read(args) is not { } options)
{
    Console.Error.WriteLine(BenchmarkOptions.Usage);
    return 2;
}

var kept = Path.Combine(Path.GetTempPath(), $"dashboard-benchmarks-{options.Mib}.db");
var scratch = Directory.CreateTempSubdirectory("dashboard-benchmarks-").FullName;
var source = options.Keep ? kept : Path.Combine(scratch, "shop.db");
var figures = new Figures();
try
{
    if (options.Wants(0, 1, 2, 3, 4, 5, 6, 7))
    {
        await MeasureBackupsAsync(options);
    }

    if (options.Wants(9, 10, 11, 12) && Environment.GetEnvironmentVariable(BenchmarkServer.Variable) is { Length: > 0 })
    {
        if (options.Wants(9, 10, 11))
        {
            await new DumpBars(options, scratch, figures).MeasureAsync();
        }

        if (options.Wants(12))
        {
            await new PollBars(options, figures).MeasureAsync();
        }
    }
    else if (options.Wants(9, 10, 11, 12))
    {
        Console.Error.WriteLine($"9 to 12 are left out: {BenchmarkServer.Variable} names no server.");
        if (options.Only is not null)
        {
            return 2;
        }
    }

    if (options.Wants(13, 14, 15, 18))
    {
        await new PageBars(options, scratch, figures).MeasureAsync();
    }

    if (options.Only == 24)
    {
        await new DayOfTabs(scratch, figures).MeasureAsync();
    }

    if (options.Wants(16))
    {
        await new SampleBars(options, scratch, figures).MeasureBatchesAsync();
    }

    if (options.Wants(17))
    {
        await new SampleBars(options, scratch, figures).MeasureYearAsync();
    }

    if (options.Wants(20))
    {
        await new SamplerTimes(options, scratch).MeasureAsync();
    }
}
finally
{
    Directory.Delete(scratch, recursive: true);
}

figures.PrintTable();
return figures.AllPass ? 0 : 1;

async Task MeasureBackupsAsync(BenchmarkOptions options)
{
    if (!File.Exists(source))
    {
        var began = Stopwatch.GetTimestamp();
        var half = Path.Combine(scratch, "half.db");
        BenchmarkDatabase.Create(half, options.Mib);
        File.Move(half, source);
        Console.WriteLine($"Generated {new FileInfo(source).Length >> 20} MiB in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s");
    }

    var copies = new CopyBars(options, source, scratch, figures);
    if (options.Wants(1))
    {
        await copies.MeasureIdleAsync();
    }

    if (options.Wants(2, 3))
    {
        await copies.MeasureBesideWriterAsync();
    }

    if (options.Wants(4))
    {
        await new ArtefactBars(options, source, scratch, figures).MeasureAsync();
    }

    if (options.Wants(5))
    {
        await new MemoryBar(options, source, scratch, figures).MeasureAsync();
    }

    if (options.Wants(7))
    {
        await new EstimateBars(options, source, figures).MeasureAsync();
        await new UpkeepBars(options, source, scratch, figures).MeasureChecksAsync();
    }

    if (options.Wants(6))
    {
        await new UpkeepBars(options, source, scratch, figures).MeasurePackingAsync();
    }

    if (options.Wants(0))
    {
        await new RestoreTimes(options, source, scratch).MeasureAsync("wal");
        await new RestoreTimes(options, source, scratch).MeasureAsync("delete");
    }
}

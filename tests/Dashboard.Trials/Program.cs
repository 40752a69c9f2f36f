using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Dashboard.Trials;
using Dashboard.Trials.Odd;
using Dashboard.Trials.Postgres;
using Dashboard.Trials.Upkeep;

// kill -9, owners and modes: nothing of it has a sense elsewhere.
[assembly: SupportedOSPlatform("linux")]

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args.Contains(PostgresTrialOptions.Switch) && PostgresTrialOptions.Read(args) is { } onPostgres)
{
    return await PostgresTrials.RunAsync(onPostgres);
}

if (args.Contains("--upkeep") && TrialOptions.Read([.. args.Where(word => word != "--upkeep")]) is { } ofUpkeep)
{
    return await UpkeepTrials.RunAsync(ofUpkeep);
}

if (args.Contains(OddOptions.Switch) && OddOptions.Read(args) is { } odd)
{
    try
    {
        return await OddTrials.RunAsync(odd);
    }
    catch (Exception broken) when (broken is Npgsql.NpgsqlException or IOException or InvalidOperationException)
    {
        // Caught, so that the server of the trials is stopped on the way.
        Console.WriteLine(broken);
        return 1;
    }
}

if (TrialOptions.Read(args) is not { } options)
{
    Console.Error.WriteLine(TrialOptions.Usage);
    Console.Error.WriteLine(PostgresTrialOptions.Usage);
    Console.Error.WriteLine(OddOptions.Usage);
    return 2;
}

var clock = Stopwatch.StartNew();
var root = Directory.CreateTempSubdirectory("dashboard-trials-").FullName;
List<TrialResult> results = [];
var isGood = true;
Console.WriteLine($"{options.Trials} trials with seed {options.Seed} on ledgers of {options.Megabytes} MB");

try
{
    await using (var bench = await TrialBench.SetUpAsync(root, options))
    {
        Console.WriteLine($"Steps without a fault, after {clock.Elapsed.TotalSeconds:0} s");
        Console.WriteLine(bench.Usual.Describe());
        foreach (var fault in options.Faults())
        {
            results.Add(await TryAsync(bench, fault));
            if (results[^1].Broken is not null)
            {
                Console.WriteLine(bench.Server.Output);
                isGood = false;
                break;
            }
        }

        foreach (var (saw, words) in await bench.EndAsync())
        {
            Console.WriteLine(words);
            isGood &= saw;
        }
    }
}
catch (TrialException broken)
{
    // Before the first fault: without one, something is wrong already.
    Console.WriteLine(broken.Message);
    isGood = false;
}

Tally.Print(results);
Console.WriteLine($"{results.Count} trials, {results.Count(result => result.Broken is not null)} bad, in {clock.Elapsed.TotalSeconds:0} s");
if (isGood)
{
    Directory.Delete(root, recursive: true);
    return 0;
}

Console.WriteLine($"The files are kept in {root}");
return 1;

async Task<TrialResult> TryAsync(TrialBench bench, Fault fault)
{
    try
    {
        var result = await new Trial(bench, fault).RunAsync();
        Console.WriteLine($"{results.Count + 1,4} {fault}: hit {result.Landed}, {(result.IsNew ? "new" : "old")}, {result.Committed} commits, {result.Took.TotalSeconds:0.0} s");
        return result;
    }
    catch (Exception broken)
    {
        Console.WriteLine($"{results.Count + 1,4} {fault}: BAD");
        Console.WriteLine(broken is TrialException ? broken.Message : broken.ToString());
        Console.WriteLine($"Repeat it with {fault.HowToRepeat} --megabytes {options.Megabytes}");
        return new TrialResult(fault, Step.Starting, false, 0, TimeSpan.Zero, broken.Message);
    }
}

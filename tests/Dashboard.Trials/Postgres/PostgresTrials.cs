using System.Diagnostics;

namespace Dashboard.Trials.Postgres;

/// <summary>The command: each fault in turn, a line a trial, the table at the end.</summary>
internal static class PostgresTrials
{
    public static async Task<int> RunAsync(PostgresTrialOptions options)
    {
        var clock = Stopwatch.StartNew();
        var root = Directory.CreateTempSubdirectory("dashboard-trials-").FullName;

        // PostgreSQL runs as a user of its own and must come through.
        File.SetUnixFileMode(root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        Console.WriteLine($"{options.Trials} trials on PostgreSQL with seed {options.Seed} on ledgers of {options.Megabytes} MB");

        List<PostgresTrialResult> results = [];
        string? broken = null;
        await using (var bench = await PostgresBench.SetUpAsync(root, options))
        {
            foreach (var fault in PostgresFault.Draw(options.Trials, options.Seed, options.Only, options.During))
            {
                if (fault.Kind == FaultKind.FullDisk && bench.SmallDisk is null)
                {
                    Console.WriteLine($"{fault}: not tried, for only root may mount a small disk");
                    continue;
                }

                results.Add(await TryAsync(bench, fault, results.Count + 1));
                if (results[^1].Broken is not null)
                {
                    // What a broken promise left would be blamed on the next trial.
                    Console.WriteLine(bench.Dashboard.Output);
                    Console.WriteLine($"Repeat it with {fault.HowToRepeat} --megabytes {options.Megabytes}");
                    broken = results[^1].Broken;
                    break;
                }
            }

            broken ??= await FindLeftAsync(bench);
        }

        PostgresTally.Print(results);
        Console.WriteLine($"{results.Count} trials, {results.Count(result => result.Broken is not null)} bad, in {clock.Elapsed.TotalSeconds:0} s");
        if (broken is null)
        {
            Directory.Delete(root, recursive: true);
            return 0;
        }

        Console.WriteLine(broken);
        Console.WriteLine($"The files are kept in {root}");
        return 1;
    }

    private static async Task<PostgresTrialResult> TryAsync(PostgresBench bench, PostgresFault fault, int number)
    {
        try
        {
            var result = fault.Kind switch
            {
                FaultKind.OddName => await new OddNameTrial(bench, fault).RunAsync(),
                FaultKind.LongLock => await new LongLockTrial(bench, fault).RunAsync(),
                FaultKind.ManyTables => await new ManyTablesTrial(bench, fault).RunAsync(),
                _ => await new PostgresTrial(bench, fault, await bench.TargetAsync(fault.Kind)).RunAsync(),
            };
            Console.WriteLine($"{number,4} {fault}: hit {result.Landed ?? "nothing"}, {(result.IsNew ? "new" : "old")}, nothing left after {result.Gone.TotalSeconds:0.0} s, {result.Took.TotalSeconds:0.0} s. {result.Words}");
            return result;
        }
        catch (Exception broken)
        {
            Console.WriteLine($"{number,4} {fault}: BAD");
            Console.WriteLine(broken is TrialException ? broken.Message : broken.ToString());
            return new PostgresTrialResult(fault, null, false, TimeSpan.Zero, TimeSpan.Zero, "", broken.Message);
        }
    }

    /// <summary>At the very end even sessions that only waited for a next look are gone.</summary>
    private static async Task<string?> FindLeftAsync(PostgresBench bench)
    {
        try
        {
            await bench.Leftovers.DemandGoneAsync(withIdle: true);
            return null;
        }
        catch (TrialException left)
        {
            return left.Message;
        }
    }
}

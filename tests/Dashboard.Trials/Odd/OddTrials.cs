using System.Diagnostics;
using Dashboard.Comparison.Sqlite;

namespace Dashboard.Trials.Odd;

/// <summary>Many odd databases, one after the other, and what was untrue about any of them.</summary>
internal static class OddTrials
{
    public static async Task<int> RunAsync(OddOptions options)
    {
        var clock = Stopwatch.StartNew();
        var root = Directory.CreateTempSubdirectory("dashboard-odd-").FullName;
        OddTally tally = new(options.IsTold);
        try
        {
            await using var bench = await OddBench.StartAsync(Path.Combine(root, "data"));
            for (var number = 0; number < options.Sqlite; number++)
            {
                var (seed, folder) = (options.Seed + number, Path.Combine(root, $"{number}"));
                await TryAsync(bench, "sqlite", seed, () => Task.FromResult<IOddDatabase>(new OddSqliteDatabase(OddSqlite.Make(seed, folder), root)), tally);
                Directory.Delete(folder, recursive: true);
            }

            if (options.Postgres > 0)
            {
                await using var server = await OddServer.StartAsync(Path.Combine(root, "server"));
                for (var number = 0; number < options.Postgres; number++)
                {
                    var seed = options.Seed + number;
                    await TryAsync(bench, "postgres", seed, async () => await OddPostgresDatabase.MakeAsync(server, seed, root), tally);
                }
            }
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }

        tally.Print();
        Console.WriteLine($"{options.Sqlite + options.Postgres} odd databases, {tally.Bad} untrue, in {clock.Elapsed.TotalSeconds:0} s");
        return tally.Bad == 0 ? 0 : 1;
    }

    private static async Task TryAsync(OddBench bench, string engine, int seed, Func<Task<IOddDatabase>> make, OddTally tally)
    {
        IOddDatabase? odd = null;
        try
        {
            odd = await make();
            tally.Add(engine, seed, odd.Kinds, await new OddTrial(bench, odd).RunAsync());
        }
        catch (Exception fault)
        {
            // Of the trial itself, or of the product where it promised an answer.
            tally.Add(engine, seed, odd?.Kinds ?? [], [new OddStep("the trial", "broken", "", fault.ToString(), [])]);
        }
        finally
        {
            if (odd is not null)
            {
                await odd.DisposeAsync();
            }
        }
    }
}

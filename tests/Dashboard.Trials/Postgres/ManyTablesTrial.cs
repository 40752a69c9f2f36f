using System.Diagnostics;
using System.Globalization;
using Dashboard.Core.Jobs;

namespace Dashboard.Trials.Postgres;

/// <summary>A schema of twenty thousand tables: listed, backed up, restored and taken back.</summary>
internal sealed class ManyTablesTrial(PostgresBench bench, PostgresFault fault)
{
    private const string Name = "many_tables";
    private const int Tables = 20_000;

    /// <summary>A transaction of its own each, for the server's table of locks.</summary>
    private const int AtOnce = 1000;

    /// <summary>pg_dump holds a lock on each table; what a server has room for otherwise is a third of that.</summary>
    private const string Locks = "max_locks_per_transaction = 512";

    private static readonly TimeSpan PagePatience = TimeSpan.FromSeconds(10);

    public async Task<PostgresTrialResult> RunAsync()
    {
        var clock = Stopwatch.StartNew();
        await bench.Postgres.SetAsync(Locks);
        await bench.Postgres.ExecuteAsync("postgres", $"CREATE DATABASE {Name} TEMPLATE template0");
        for (var from = 1; from <= Tables; from += AtOnce)
        {
            await bench.Postgres.ExecuteAsync(Name, $"DO $$ BEGIN FOR i IN {from}..{from + AtOnce - 1} LOOP EXECUTE format('CREATE TABLE part_%s (id int PRIMARY KEY, word text)', i); EXECUTE format('INSERT INTO part_%s VALUES (%s, ''word'')', i, i); END LOOP; END $$");
        }

        await bench.Postgres.ExecuteAsync(Name, "ANALYZE");
        var target = await bench.RegisterAsync(Name, "many-tables", writer: null);
        List<string> words = [];

        // The page shows what was read last, and until then that it waits; the list is read for whoever asks.
        await TimeAsync(words, "list of all", () => AskListAsync($"/api/databases/{target.Registered.Slug}/tables?format=csv"));
        await TimeAsync(words, "page", () => AskPageAsync($"/databases/{target.Registered.Slug}/tables"));
        await TimeAsync(words, "backup", async () =>
        {
            var run = await bench.RunAsync(target, JobKeys.Backup);
            target.Backups["A"] = (await bench.Store.ReadBackupsAsync()).Single(backup => backup.RunId == run.Id).Id;
        });
        await bench.Postgres.ExecuteAsync(Name, "DROP TABLE part_1; UPDATE part_2 SET word = 'changed'");

        Run? run = null;
        await TimeAsync(words, "restore", async () => run = await bench.RunAsync(target, JobKeys.Restore, PostgresBench.Restoring(target, "A")));
        await DemandAsync(Tables, "word");
        var restore = await bench.Store.FindRestoreAsync(run!.Id);
        await TimeAsync(words, "undo", () => bench.RunAsync(target, JobKeys.Undo, new { RestoreId = restore!.Id }));
        await DemandAsync(Tables - 1, "changed");
        return new PostgresTrialResult(fault, "all of it", true, await bench.Leftovers.DemandGoneAsync(withIdle: false), clock.Elapsed, string.Join(", ", words));
    }

    private static async Task TimeAsync(List<string> words, string what, Func<Task> work)
    {
        var clock = Stopwatch.StartNew();
        await work();
        words.Add(string.Create(CultureInfo.InvariantCulture, $"{what} {clock.Elapsed.TotalSeconds:0.0} s"));
    }

    private async Task AskPageAsync(string address)
    {
        using var client = bench.Dashboard.Client();
        client.Timeout = PagePatience;
        var page = await client.GetStringAsync(new Uri(address, UriKind.Relative));
        if (!page.Contains("part_", StringComparison.Ordinal))
        {
            throw new TrialException($"{address} shows no table.");
        }
    }

    private async Task AskListAsync(string address)
    {
        using var client = bench.Dashboard.Client();
        client.Timeout = PagePatience;
        var lines = (await client.GetStringAsync(new Uri(address, UriKind.Relative))).Split('\n').Count(line => line.Contains("part_", StringComparison.Ordinal));
        if (lines != Tables)
        {
            throw new TrialException($"{address} lists {lines} of {Tables} tables.");
        }
    }

    private async Task DemandAsync(int tables, string word)
    {
        var found = await bench.Postgres.ListAsync(Name, "SELECT count(*) || ' ' || (SELECT word FROM part_2) FROM pg_tables WHERE schemaname = 'public'");
        if (found[0] != string.Create(CultureInfo.InvariantCulture, $"{tables} {word}"))
        {
            throw new TrialException($"{Name} holds “{found[0]}” instead of {tables} tables and “{word}”.");
        }
    }
}

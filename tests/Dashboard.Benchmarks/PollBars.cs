using System.Diagnostics;
using System.Globalization;
using Dashboard.Postgres;
using Dashboard.Postgres.Connections;

namespace Dashboard.Benchmarks;

/// <summary>
/// Bar 12: the list of a thousand tables beside asking the size of each. For information: beside one question with all sizes, with the budget of the page, and the indexes.
/// </summary>
internal sealed class PollBars(BenchmarkOptions options, Figures figures)
{
    private const int Tables = 1000;

    /// <summary>A poll is done every few seconds for weeks: what counts is its code once the runtime has made it fast.</summary>
    private const int WarmUps = 100;

    public async Task MeasureAsync()
    {
        var name = $"benchmark_{Guid.NewGuid():N}";
        var at = BenchmarkServer.Location with { Database = name };
        await BenchmarkServer.RunAsync(BenchmarkServer.Location, $"CREATE DATABASE {name} TEMPLATE template0");
        try
        {
            await BenchmarkServer.RunAsync(
                at,
                $"""
                DO $$ BEGIN
                    FOR i IN 1..{Tables} LOOP
                        EXECUTE format('CREATE TABLE public.t%s (id int PRIMARY KEY, name text, at timestamptz)', i);
                        EXECUTE format('CREATE INDEX ON public.t%s (name)', i);
                        EXECUTE format('INSERT INTO public.t%s SELECT g, ''name '' || g, now() FROM generate_series(1, 300) g', i);
                    END LOOP;
                END $$
                """);
            await BenchmarkServer.RunAsync(at, "VACUUM ANALYZE");
            await MeasureAsync(at);
        }
        finally
        {
            await BenchmarkServer.RunAsync(BenchmarkServer.Location, $"DROP DATABASE {name} WITH (FORCE)");
        }
    }

    private async Task MeasureAsync(PostgresLocation at)
    {
        await using var engine = new PostgresEngine(new BenchmarkServer(), TimeProvider.System);
        await using var connection = await PostgresConnections.OpenAsync(at, BenchmarkServer.Password, null, CancellationToken.None);
        var names = await connection.ListAsync("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace", row => row.GetString(0), CancellationToken.None);
        List<double> polls = [], ofEach = [], atOnce = [], pages = [], indexes = [];

        for (var warmUp = 0; warmUp < WarmUps; warmUp++)
        {
            await engine.ReadStateAsync(at.ToString(), CancellationToken.None);
            await engine.ReadTablesAsync(at.ToString(), TimeSpan.Zero, CancellationToken.None);
        }

        // The first fills the caches of a session.
        for (var round = -1; round < options.Rounds; round++)
        {
            // The round asks for the numbers first, and the size of the whole is among them.
            await engine.ReadStateAsync(at.ToString(), CancellationToken.None);
            var poll = await MillisecondsAsync(() => engine.ReadTablesAsync(at.ToString(), TimeSpan.Zero, CancellationToken.None));
            var each = await MillisecondsAsync(async () =>
            {
                foreach (var table in names)
                {
                    await connection.AskAsync<long>("SELECT pg_total_relation_size(('public.' || quote_ident($1))::regclass)", CancellationToken.None, table);
                }
            });
            var once = await MillisecondsAsync(() => connection.ListAsync(
                "SELECT relname, pg_total_relation_size(oid), pg_indexes_size(oid) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
                row => (row.GetString(0), row.GetInt64(1), row.GetInt64(2)),
                CancellationToken.None));
            var page = await MillisecondsAsync(() => engine.ReadTablesAsync(at.ToString(), TimeSpan.FromMilliseconds(250), CancellationToken.None));
            var list = await MillisecondsAsync(() => engine.ReadIndexesAsync(at.ToString(), CancellationToken.None));
            if (round >= 0)
            {
                polls.Add(poll);
                ofEach.Add(each);
                atOnce.Add(once);
                pages.Add(page);
                indexes.Add(list);
            }
        }

        figures.AddRatio($"12 poll of {Tables} tables / pg_total_relation_size of each", polls, ofEach, 0.05, "ms");
        figures.AddRounds("12 the poll, ms", polls, 40);
        Figures.Inform(string.Create(
            CultureInfo.InvariantCulture,
            $"one question with pg_total_relation_size and pg_indexes_size of all {Figures.Median(atOnce):0.0} ms; with counts within 250 ms {Figures.Median(pages):0.0} ms; {2 * Tables} indexes {Figures.Median(indexes):0.0} ms"));
    }

    private static async Task<double> MillisecondsAsync(Func<Task> work)
    {
        var began = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }
}

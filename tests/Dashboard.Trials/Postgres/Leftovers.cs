using System.Diagnostics;
using Dashboard.Core.Files;
using Npgsql;

namespace Dashboard.Trials.Postgres;

/// <summary>What a fault may leave behind for a while and nothing may leave for good: open runs, sessions, programs, unfinished databases, half-written files.</summary>
internal sealed class Leftovers(PostgresServer server, ServerStore store, Func<IEnumerable<string>> folders)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>Returns how long it took until nothing was left.</summary>
    /// <param name="withIdle">Whether sessions that only wait for the next look, and are closed after some seconds, must be gone too.</param>
    /// <exception cref="TrialException">When something still is after a minute.</exception>
    public async Task<TimeSpan> DemandGoneAsync(bool withIdle)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var left = await FindAsync(withIdle);
            if (left.Count == 0)
            {
                return clock.Elapsed;
            }

            if (clock.Elapsed > Patience)
            {
                throw new TrialException($"Left after {Patience.TotalSeconds:0} s: {string.Join(", ", left)}");
            }

            await Task.Delay(Look);
        }
    }

    private async Task<List<string>> FindAsync(bool withIdle)
    {
        List<string> left =
        [
            .. (await store.ReadOpenRunsAsync()).Select(run => $"run {run.Job} {run.State}"),
            .. folders().Where(Directory.Exists).SelectMany(Directory.EnumerateFiles).Where(file => file.Contains(DurableFiles.PartialExtension, StringComparison.Ordinal) || file.EndsWith(".pass", StringComparison.Ordinal)),
            .. Programs(),
        ];
        try
        {
            left.AddRange(await server.ListAsync(
                "postgres",
                """
                SELECT 'session ' || application_name || ' of ' || datname FROM pg_stat_activity WHERE application_name LIKE 'dashboard%' AND ($1 OR state IS DISTINCT FROM 'idle' OR application_name <> 'dashboard')
                UNION ALL SELECT 'database ' || datname FROM pg_database WHERE datname LIKE '%\_\_restore\_%' OR datname LIKE '%\_\_unfinished\_%'
                """,
                withIdle));
        }
        catch (NpgsqlException fault)
        {
            left.Add("a server that does not answer: " + fault.Message);
        }

        return left;
    }

    /// <summary>pg_dump and its like that work on our server, which is told from the certificate that is its own, whatever port they go through.</summary>
    private IEnumerable<string> Programs()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _)))
        {
            string line;
            try
            {
                line = File.ReadAllText(Path.Combine(folder, "cmdline"));
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                continue;
            }

            if (line.Contains("application_name='dashboard", StringComparison.Ordinal) && line.Contains(server.RootCertificate, StringComparison.Ordinal))
            {
                yield return $"program {line.Split('\0')[0]}";
            }
        }
    }
}

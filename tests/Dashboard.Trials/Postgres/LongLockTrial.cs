using System.Diagnostics;
using System.Globalization;
using Dashboard.Core.Jobs;

namespace Dashboard.Trials.Postgres;

/// <summary>
/// Somebody holds a table for minutes that the application does not use. Backups and restores in place are asked for behind it all the while: each must give
/// way and say so, the application must go on, and once the table is let go everything must work again.
/// </summary>
internal sealed class LongLockTrial(PostgresBench bench, PostgresFault fault)
{
    private const string Name = "ledger_locked";

    private static readonly TimeSpan Held = TimeSpan.FromMinutes(4);

    /// <summary>A dump waits behind a lock without holding anybody up; a restore in place gives way after five seconds, and takes back what it did.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    public async Task<PostgresTrialResult> RunAsync()
    {
        var clock = Stopwatch.StartNew();
        var target = await bench.AddAsync(Name, Name.Replace('_', '-'));
        await bench.Postgres.ExecuteAsync(Name, "CREATE TABLE held (id int PRIMARY KEY); INSERT INTO held SELECT generate_series(1, 10)");
        await bench.BackUpAsync(target, "A");
        await PostgresLedger.BecomeAsync(bench.Postgres, Name, "B");
        target.Writer!.TakePace();

        List<string> words = [];
        long commits = 0;
        var longest = TimeSpan.Zero;
        await using (var holder = await bench.Postgres.OpenAsync(Name))
        {
            await holder.ExecuteAsync("BEGIN; LOCK TABLE held IN ACCESS EXCLUSIVE MODE");
            var holding = Stopwatch.StartNew();
            for (var attempt = 0; holding.Elapsed < Held; attempt++)
            {
                var isDump = attempt % 2 == 0;
                var attempted = Stopwatch.StartNew();
                var run = await bench.WaitUntilEndedAsync(await AskAsync(target, isDump));
                var pace = target.Writer.TakePace();
                commits += pace.Commits;
                longest = pace.LongestPause > longest ? pace.LongestPause : longest;
                words.Add(string.Create(CultureInfo.InvariantCulture, $"{(isDump ? "dump" : "restore")} {attempted.Elapsed.TotalSeconds:0} s, pause {pace.LongestPause.TotalSeconds:0.0} s"));
                Demand(run.State == RunState.Failed && run.Problem?.Contains(isDump ? "locked for longer" : "gave way", StringComparison.Ordinal) == true, $"Behind the lock a {(isDump ? "dump" : "restore")} is {run.State}: {run.Summary} {run.Problem}");
                Demand(pace.Commits > 0 && pace.LongestPause < LongestPause, $"Behind a {(isDump ? "dump" : "restore")} the application committed {pace.Commits} times and once waited for {pace.LongestPause.TotalSeconds:0.0} s.");
            }

            words.Add(string.Create(CultureInfo.InvariantCulture, $"held for {holding.Elapsed.TotalSeconds:0} s, {commits} commits, longest pause {longest.TotalSeconds:0.0} s"));
        }

        var gone = await bench.Leftovers.DemandGoneAsync(withIdle: false);
        Demand((await PostgresLedger.ReadAsync(bench.Postgres, Name, long.MaxValue)).State == "B", "The content is not what it was before the lock.");
        await bench.RunAsync(target, JobKeys.Backup);
        await bench.RestoreAsync(target, "A");
        await bench.Proof.DemandWholeAsync([target]);
        return new PostgresTrialResult(fault, "all of it", true, gone, clock.Elapsed, string.Join(", ", words));
    }

    private Task<Guid> AskAsync(PostgresTarget target, bool isDump) => isDump
        ? bench.Store.AskAsync(JobKeys.Backup, target.Registered.Id)
        : bench.Store.AskAsync(JobKeys.Restore, target.Registered.Id, new { BackupId = target.Backups["A"], WithoutUndo = true });

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new TrialException(otherwise);
        }
    }
}

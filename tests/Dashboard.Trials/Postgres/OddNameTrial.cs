using System.Diagnostics;
using System.Globalization;
using Dashboard.Core.Jobs;

namespace Dashboard.Trials.Postgres;

/// <summary>A database whose name some program could take for something else: backed up, restored, restored as a copy and taken back under it.</summary>
internal sealed class OddNameTrial(PostgresBench bench, PostgresFault fault)
{
    private static readonly string[] Names =
    [
        "host=evil dbname=x",
        "-h",
        "--file=pwned",
        "it's \"quoted\" `here`",
        "line\nbreak\tand tab",
        "🐘 éléphant 数据",
        "postgresql://evil.example/x?sslmode=disable",
        "$(touch pwned); %s%n & | > <",
        "../../etc",
        "back\\slash'\\",
        "con",
        "a name of sixty-three bytes that leaves no room for any suffix!",
    ];

    public async Task<PostgresTrialResult> RunAsync()
    {
        var clock = Stopwatch.StartNew();
        var name = Names[fault.Seed % Names.Length];
        var target = await bench.AddAsync(name, string.Create(CultureInfo.InvariantCulture, $"odd-{fault.Seed}"));
        var before = await ListDatabasesAsync();
        try
        {
            await bench.BackUpAsync(target, "A");
            await PostgresLedger.BecomeAsync(bench.Postgres, name, "B");
            await bench.RestoreAsync(target, "A");
            await DemandAsync(name, "A");
            await DemandAsync(target.Kept[^1].Name, "B");

            await bench.RunAsync(target, JobKeys.RestoreCopy, new { BackupId = target.Backups["A"] });
            await bench.RunAsync(target, JobKeys.Undo, new { RestoreId = target.Kept[^1].Restore });
            await DemandAsync(name, "B");
            var gone = await bench.Leftovers.DemandGoneAsync(withIdle: false);
            await bench.Proof.DemandWholeAsync([target]);

            var made = (await ListDatabasesAsync()).Except(before).ToList();
            return made.Count == 2
                ? new PostgresTrialResult(fault, "all of it", true, gone, clock.Elapsed, $"{name.ReplaceLineEndings("\\n")} beside {string.Join(" and ", made).ReplaceLineEndings("\\n")}")
                : throw new TrialException($"A copy and what is kept should stand beside {name}, and there are {string.Join(", ", made)}.");
        }
        finally
        {
            await ForgetAsync(target, before);
        }
    }

    private Task<IReadOnlyList<string>> ListDatabasesAsync() => bench.Postgres.ListAsync("postgres", "SELECT datname FROM pg_database");

    private async Task DemandAsync(string database, string state)
    {
        var content = await PostgresLedger.ReadAsync(bench.Postgres, database, long.MaxValue);
        if (content.State != state)
        {
            throw new TrialException($"{database} holds {content.State} instead of {state}.");
        }
    }

    private async Task ForgetAsync(PostgresTarget target, IReadOnlyList<string> before)
    {
        await target.DisposeAsync();
        bench.Targets.Remove(target);
        await bench.Store.RemoveAsync(target.Registered.Id);
        foreach (var name in (await ListDatabasesAsync()).Except(before).Append(target.Database))
        {
            await bench.Postgres.ExecuteAsync("postgres", $"DROP DATABASE IF EXISTS {PostgresServer.Quoted(name)} WITH (FORCE)");
        }
    }
}

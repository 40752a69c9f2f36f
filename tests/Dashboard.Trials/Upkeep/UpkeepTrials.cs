using System.Diagnostics;
using Dashboard.Core.Jobs;
using Dashboard.Core.Retention;
using Dashboard.Serving;

namespace Dashboard.Trials.Upkeep;

/// <summary>kill -9 of the real server at random moments of maintenance and of the removal of old rows, while other processes write and read the database all the time.</summary>
internal sealed class UpkeepTrials : IAsyncDisposable
{
    private const int TransactionsPerSecond = 40;
    private const int SecondsPerTrial = 60;
    private const double DeletedShare = 0.4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(2);
    private static readonly string[] Tasks = ["vacuum", "compact", "reindex", "analyze", "integrity-check", "checkpoint"];

    private readonly DashboardServer _server;
    private readonly ServerStore _store;
    private readonly List<TrialDatabase> _databases = [];
    private readonly Dictionary<(string Task, Journal Journal), TimeSpan> _usual = [];
    private readonly Dictionary<(string Task, Journal Journal), OldRows> _rows = [];
    private readonly IReadOnlyList<string> _tasks;

    private UpkeepTrials(DashboardServer server, string? only)
    {
        _tasks = [.. Tasks.Concat(Enum.GetNames<ArchiveKind>().Select(kind => OldRows.TaskPrefix + kind.ToLowerInvariant())).Where(task => task.StartsWith(only ?? "", StringComparison.Ordinal))];
        _server = server;
        _store = new ServerStore(server.StoreFile);
    }

    public static async Task<int> RunAsync(TrialOptions options)
    {
        var clock = Stopwatch.StartNew();
        var root = Directory.CreateTempSubdirectory("dashboard-trials-").FullName;
        Console.WriteLine($"{options.Trials} trials of maintenance with seed {options.Seed} on ledgers of {options.Megabytes} MB");
        var bad = 0;
        var landed = 0;
        await using (var trials = new UpkeepTrials(await DashboardServer.StartAsync(Path.Combine(root, "data"), ("Sample", "false")), options.OnlyTask))
        {
            await trials.PrepareAsync(root, options);
            for (var number = 0; number < options.Trials && bad == 0; number++)
            {
                var random = new Random(options.Seed + number);
                var task = trials._tasks[number % trials._tasks.Count];
                var database = trials._databases[number / trials._tasks.Count % trials._databases.Count];
                var portion = random.NextDouble() * 1.1;
                try
                {
                    var state = await trials.TryAsync(task, database, portion, random.NextDouble() < 0.25);
                    landed += state == RunState.Interrupted ? 1 : 0;
                    Console.WriteLine($"{number + 1,4} {task} {database.Journal}, kill -9 after {portion:P0}: {state}");
                }
                catch (Exception broken)
                {
                    bad++;
                    Console.WriteLine($"{number + 1,4} {task} {database.Journal}, kill -9 after {portion:P0}: BAD");
                    Console.WriteLine(broken is TrialException ? broken.Message : broken.ToString());
                    Console.WriteLine($"Repeat it with --upkeep --trials {number + 1} --seed {options.Seed} --megabytes {options.Megabytes}{(options.OnlyTask is { } only ? " --task " + only : "")}");
                    Console.WriteLine(trials._server.Output);
                }
            }

            foreach (var (isGood, words) in await trials.EndAsync())
            {
                Console.WriteLine(words);
                bad += isGood ? 0 : 1;
            }
        }

        Console.WriteLine($"{options.Trials} trials, {landed} kills landed in the run, {bad} bad, in {clock.Elapsed.TotalSeconds:0} s");
        if (bad == 0)
        {
            Directory.Delete(root, recursive: true);
            return 0;
        }

        Console.WriteLine($"The files are kept in {root}");
        return 1;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        foreach (var database in _databases)
        {
            database.Dispose();
        }
    }

    private async Task PrepareAsync(string root, TrialOptions options)
    {
        foreach (var journal in options.OnlyJournal is { } only ? [only] : Enum.GetValues<Journal>())
        {
            var database = await TrialDatabase.CreateAsync(_store, root, journal, options.Megabytes, TransactionsPerSecond, 600 + options.Trials * SecondsPerTrial);
            database.Thin(DeletedShare);
            _databases.Add(database);
            foreach (var kind in Enum.GetValues<ArchiveKind>())
            {
                var rows = new OldRows(_store, database, kind);
                if (_tasks.Contains(rows.Task))
                {
                    await rows.CreateAsync();
                    rows.Fill();
                    _rows.Add((rows.Task, journal), rows);
                }
            }

            foreach (var task in _tasks)
            {
                var run = await AskAsync(task, database);
                await WaitAsync(async () => (await _store.ReadRunAsync(run)).State != RunState.Queued, "The server did not begin the run");
                var clock = Stopwatch.StartNew();
                await WaitAsync(async () => (await _store.ReadOpenRunsAsync()).Count == 0, $"{task} did not end");
                _usual[(task, journal)] = clock.Elapsed;
                var ended = await _store.ReadRunAsync(run);

                if (_rows.TryGetValue((task, journal), out var filled))
                {
                    await filled.DemandNothingLostAsync();
                    await filled.DemandDoneAsync(run);
                }

                // A writer that never rests keeps the compact copy out, and a database without a log has no checkpoint.
                Demand(ended.State == RunState.Succeeded || task is "compact" or "checkpoint", $"{task} without a fault: {ended.State} {ended.Problem}");
            }
        }
    }

    private Task<Guid> AskAsync(string task, TrialDatabase database) => _rows.TryGetValue((task, database.Journal), out var rows)
        ? _store.AskAsync(JobKeys.Retention, database.Registered.Id, rows.Arguments)
        : _store.AskAsync(JobKeys.Maintenance, database.Registered.Id, new { Task = task });

    private async Task<RunState> TryAsync(string task, TrialDatabase database, double portion, bool killsTwice)
    {
        var state = LedgerFile.Read(database.File, long.MaxValue).State;
        var rows = _rows.GetValueOrDefault((task, database.Journal));
        rows?.Fill();
        var id = await AskAsync(task, database);
        await WaitAsync(async () => (await _store.ReadRunAsync(id)).State != RunState.Queued, "The server did not begin the run");
        await Moment.WaitAsync(_usual[(task, database.Journal)] * portion);
        await _server.KillAsync();

        Demand(LedgerFile.Read(database.File, long.MaxValue).State == state, "Another content is live after the kill.");
        await (rows?.DemandNothingLostAsync() ?? Task.CompletedTask);
        await _server.StartAsync();
        if (killsTwice)
        {
            await _server.KillAsync();
            await _server.StartAsync();
        }

        await WaitAsync(async () => (await _store.ReadOpenRunsAsync()).Count == 0, "A run is open still");

        // The log is read before the database, so that each number in it must be there.
        var committed = database.ReadNewlyCommitted();
        var live = LedgerFile.Read(database.File, committed.Count == 0 ? long.MaxValue : committed.Min());
        Demand(live.State == state, "Another content is live after the next start.");
        database.DemandNothingLost(committed, live, [], new Dictionary<Guid, LedgerContent>());
        await database.DemandUndisturbedAsync(live.Journal);
        var run = await _store.ReadRunAsync(id);
        Demand(run.State is RunState.Interrupted or RunState.Succeeded or RunState.SucceededWithWarnings || task is "compact" or "checkpoint", $"The run ended as {run.State}: {run.Summary} {run.Problem}");
        await (rows is null ? Task.CompletedTask : EndAsync(rows, id, task, database));
        return run.State;
    }

    /// <summary>The next run goes on by what is there.</summary>
    private async Task EndAsync(OldRows rows, Guid killed, string task, TrialDatabase database)
    {
        await rows.DemandInOrderAsync(killed);
        await rows.DemandNothingLostAsync();
        Run ended;
        do
        {
            // A server that still puts things in order takes what another process asks for meanwhile as asked for before its start, and does not begin it.
            var asked = await AskAsync(task, database);
            await WaitAsync(async () => (await _store.ReadRunAsync(asked)).State >= RunState.Succeeded, "The next run did not end");
            ended = await _store.ReadRunAsync(asked);
        }
        while (ended.StartedAt is null);

        Demand(ended.State == RunState.Succeeded, $"The next run ended as {ended.State}: {ended.Summary} {ended.Problem}");
        await rows.DemandNothingLostAsync();
        await rows.DemandInOrderAsync(ended.Id);
        await rows.DemandDoneAsync(ended.Id);
    }

    private async Task<IReadOnlyList<(bool IsGood, string Words)>> EndAsync()
    {
        List<(bool, string)> words = [];
        foreach (var database in _databases)
        {
            words.AddRange(await database.EndAsync());
        }

        return words;
    }

    private static async Task WaitAsync(Func<Task<bool>> isSo, string otherwise)
    {
        var clock = Stopwatch.StartNew();
        while (!await isSo())
        {
            Demand(clock.Elapsed < Patience, $"{otherwise} within {Patience.TotalSeconds:0} s.");
            await Task.Delay(Glance);
        }
    }

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new TrialException(otherwise);
        }
    }
}

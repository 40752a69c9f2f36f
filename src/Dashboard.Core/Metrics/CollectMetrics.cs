using Dashboard.Core.Access;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dashboard.Core.Metrics;

/// <summary>
/// A round: reads the numbers of every database and stores them. A database that can't be read leaves a gap; a round that was missed
/// is not made up. Rounds never overlap, and the clock that starts one does not wait for it.
/// </summary>
public sealed class CollectMetrics(
    IDbContextFactory<DashboardStore> stores,
    EngineCatalog engines,
    LiveStates live,
    ISampleStore samples,
    MetricsFeed feed,
    IOptionsMonitor<DashboardOptions> options,
    TimeProvider time,
    ILogger<CollectMetrics> logger) : IAsyncDisposable
{
    /// <summary>For the numbers of one database; the live page waits as long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BudgetOfLate = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan BudgetOfTables = TimeSpan.FromSeconds(20);

    private readonly ReadNumbers _numbers = new(engines, live);
    private readonly ReadTableNumbers _tables = new(engines, options, time);
    private readonly KeepSamples _keep = new(samples, stores, options, time, logger);
    private readonly MakeSampleHistory _history = new(engines, samples, options, logger);
    private readonly AskEach _ask = new(time, logger);
    private readonly AskEach _askTables = new(time, logger);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private Task _round = Task.CompletedTask;
    private long _slot = -1;

    /// <summary>The round that is under way or was the last; ends without a fault.</summary>
    public Task Round => _round;

    /// <summary>Begins a round where none runs and this minute (or whatever the setting says) has had none. Returns at once.</summary>
    public bool StartIfDue(Actor actor)
    {
        Permit.Demand(actor, Verb.CollectMetrics, Subject.Installation);
        lock (_gate)
        {
            // Different, not later: a clock that was set back goes on at once.
            var slot = time.GetUtcNow().ToUnixTimeSeconds() / options.CurrentValue.MetricsSeconds;
            if (slot == _slot || !_round.IsCompleted || _stop.IsCancellationRequested)
            {
                return false;
            }

            _slot = slot;
            _round = Task.Run(() => RunAsync(_stop.Token));
            return true;
        }
    }

    /// <summary>Nothing is to be disposed of, only to be waited for; so it can be said twice.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _round;
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await CollectAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        catch (Exception fault)
        {
            MetricsLog.RoundFailed(logger, fault);
        }
    }

    private async Task CollectAsync(CancellationToken cancellationToken)
    {
        var at = time.GetUtcNow().ToUnixTimeSeconds();
        var databases = await ListAsync(cancellationToken);
        Forget(databases);
        databases = [.. databases.Except(await WithoutPastAsync(databases, at, cancellationToken))];

        // Who was late the last time is asked when the others are stored, so that their samples don't wait for it again.
        var late = databases.Where(_ask.IsLate).ToList();
        await StoreAsync([.. await NumbersAsync(databases.Except(late), TimeSpan.MaxValue, at, cancellationToken), .. await DisksAsync(databases, at, cancellationToken)], at, cancellationToken);
        await StoreAsync(await NumbersAsync(late, BudgetOfLate, at, cancellationToken), at, cancellationToken);

        var due = _tables.Due([.. databases.Where(database => !_ask.IsLate(database))]);
        var tables = await _askTables.AskAsync(due, (database, stop) => _tables.OfDatabaseAsync(database, at, stop), ReadTableNumbers.CountBudget + Patience, BudgetOfTables, cancellationToken);
        await StoreAsync([.. tables.SelectMany(rows => rows)], at, cancellationToken);

        await _keep.KeepAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<Database>> ListAsync(CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        return await store.Databases.AsNoTracking().Where(database => database.RemovedAt == null).ToListAsync(cancellationToken);
    }

    /// <summary>Makes the past of a sample; returns those that could not be read for it and have to wait for the next round.</summary>
    private async Task<IReadOnlyList<Database>> WithoutPastAsync(IReadOnlyList<Database> databases, long at, CancellationToken cancellationToken)
    {
        var missing = await _history.MissingAsync(databases, cancellationToken);
        var asked = await _ask.AskAsync(missing, _history.AskAsync, ReadTableNumbers.CountBudget + Patience, TimeSpan.MaxValue, cancellationToken);
        foreach (var (database, state, tables) in asked)
        {
            await _history.MakeAsync(database, state, tables, at, cancellationToken);
        }

        return [.. missing.Except(asked.Select(answer => answer.Database))];
    }

    private async Task<IReadOnlyList<Sample>> NumbersAsync(IEnumerable<Database> databases, TimeSpan budget, long at, CancellationToken cancellationToken)
    {
        var answers = await _ask.AskAsync(databases, (database, stop) => _numbers.OfDatabaseAsync(database, at, stop), Patience, budget, cancellationToken);
        return [.. answers.SelectMany(numbers => numbers)];
    }

    /// <summary>Not of a database that is late: it may be its disk that does not answer.</summary>
    private async Task<IReadOnlyList<Sample>> DisksAsync(IReadOnlyList<Database> databases, long at, CancellationToken cancellationToken)
    {
        var folders = databases.Where(database => !_ask.IsLate(database)).Select(ReadDisks.FolderOf).OfType<string>();
        try
        {
            return await Task.Run(() => ReadDisks.Run(folders, at), cancellationToken).WaitAsync(Patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return [];
        }
    }

    private async Task StoreAsync(IReadOnlyCollection<Sample> read, long at, CancellationToken cancellationToken)
    {
        if (read.Count > 0)
        {
            await samples.AppendAsync(read, cancellationToken);
            feed.Stored(DateTimeOffset.FromUnixTimeSeconds(at));
        }
    }

    private void Forget(IReadOnlyList<Database> databases)
    {
        var registered = databases.Select(database => database.Id).ToHashSet();
        _ask.Keep(registered);
        _askTables.Keep(registered);
        _tables.Keep(registered);
        _history.Keep(registered);
    }
}

using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.Maintenance;

/// <summary>Builds indexes anew beside the old ones (https://www.postgresql.org/docs/current/sql-reindex.html), and removes what an interrupted build left.</summary>
internal sealed class ReindexTask(Watching watching) : PostgresTask(watching), IAimedTask
{
    /// <summary>Of any index that is being built.</summary>
    public const string Progress = $"SELECT coalesce(max(blocks_done), 0) * {Catalogue.PageSize} FROM pg_stat_progress_create_index WHERE pid = $1";

    public override MaintenanceDescription Description { get; } = new(
        "reindex",
        "Rebuild indexes",
        "Rebuild the indexes of {0}",
        "Builds every index anew beside the old one and then takes its place. It mends an invalid index and makes a bloated one smaller. What an interrupted build left (…_ccnew, …_ccold) is removed.",
        "Nobody who reads or writes rows waits. It waits itself for every transaction that is open.",
        "Room for the largest index once more. Two looks through each table for each index.",
        IsForAll: false)
    {
        CanBeScheduled = true,
    };

    public Task<IReadOnlyList<MaintenanceTarget>> ListTargetsAsync(string location, CancellationToken cancellationToken) => WatchAsync<IReadOnlyList<MaintenanceTarget>>(
        location,
        async connection =>
        {
            var indexes = await OwnIndexes.ReadAsync(connection, cancellationToken);
            return
            [
                .. indexes.GroupBy(index => index.Table.ToString()).OrderBy(table => table.Key, StringComparer.Ordinal).Select(table => MaintenanceTarget.Table(table.Key, table.Sum(index => index.Bytes))),
                .. OwnIndexes.Targets(indexes),
            ];
        },
        cancellationToken);

    public Task<MaintenanceResult> RunAsync(string location, string target, RunProgress progress, CancellationToken cancellationToken) =>
        RunInSessionAsync(location, progress, session => RunAsync(session, target, progress, cancellationToken), cancellationToken);

    protected override async Task<MaintenanceOutlook> LookAheadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var indexes = await OwnIndexes.ReadAsync(connection, cancellationToken);
        var (left, invalid) = (indexes.Count(index => index.IsLeftover), indexes.Count(index => index is { IsValid: false, IsLeftover: false }));
        if (left + invalid > 0)
        {
            return new MaintenanceOutlook(MaintenanceWorth.Yes, $"{Indexes(invalid)} invalid, {Indexes(left)} left by an interrupted build: written with each row and used by nobody.");
        }

        return indexes.Count == 0
            ? new MaintenanceOutlook(MaintenanceWorth.No, "This login owns no index here.")
            : new MaintenanceOutlook(MaintenanceWorth.Unknown, $"{Indexes(indexes.Count)} of {Words.Bytes(indexes.Sum(index => index.Bytes))}, all valid.");
    }

    protected override Task<MaintenanceResult> RunAsync(MaintenanceSession session, RunProgress progress, CancellationToken cancellationToken) => RunAsync(session, null, progress, cancellationToken);

    /// <param name="target">Null for all.</param>
    private static async Task<MaintenanceResult> RunAsync(MaintenanceSession session, string? target, RunProgress progress, CancellationToken cancellationToken)
    {
        var all = await OwnIndexes.ReadAsync(session.Connection, cancellationToken);
        var indexes = target is null ? all : OwnIndexes.Choose(all, target);
        var removed = await RemoveAsync(session, indexes.Where(index => index.IsLeftover), progress, cancellationToken);
        var whole = indexes.Where(index => !index.IsLeftover).ToList();
        progress.Phase("Building", whole.Sum(index => index.TableBytes));
        var (before, built) = (0L, 0);
        List<string> failed = [];
        foreach (var index in whole)
        {
            try
            {
                if (await BuildAsync(session, index, new WaitedFor(progress), bytes => progress.Report(before + Math.Min(bytes, index.TableBytes)), cancellationToken) is { } reason)
                {
                    failed.Add($"{index.Name}: {reason}");
                }
                else
                {
                    built++;
                }
            }
            catch (OperationCanceledException fault) when (built + removed > 0)
            {
                throw new PartlyDoneException($"{Indexes(built)} {(built == 1 ? "is built anew and stays" : "are built anew and stay")} so{(removed > 0 ? $", {Indexes(removed)} that an interrupted build had left {(removed == 1 ? "is" : "are")} removed" : "")}; the others are as they were.", fault.CancellationToken);
            }

            before += index.TableBytes;
            progress.Report(before);
        }

        var done = $"Built {Indexes(whole.Count - failed.Count)} anew{(removed > 0 ? $", and removed {Indexes(removed)} that an interrupted build had left" : "")}.";
        return failed.Count == 0
            ? new MaintenanceResult(done)
            : new MaintenanceResult(done, $"{Indexes(failed.Count)} could not be built anew and {(failed.Count == 1 ? "is as it was" : "are as they were")}.", "Rebuild what is named when the other transactions have ended, or correct what the server says.")
            {
                Findings = failed,
            };
    }

    /// <summary>
    /// Why it could not be built; null when it was. A build that fails or is cancelled leaves half an index behind, which costs with each row: it goes with the build.
    /// </summary>
    private static async Task<string?> BuildAsync(MaintenanceSession session, OwnIndex index, WaitedFor waited, Action<long> tell, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(session, () => session.Connection.ExecuteAsync($"REINDEX INDEX CONCURRENTLY {index.Name.ToSql()}", cancellationToken), Progress, tell, cancellationToken, waited);
            return null;
        }
        catch (PostgresException fault) when (!cancellationToken.IsCancellationRequested && fault.Severity != "FATAL")
        {
            await SweepAsync(session, index);
            return fault.SqlState == PostgresErrorCodes.LockNotAvailable && waited.Sentence(LockPatience) is { } sentence ? sentence.TrimEnd('.') : fault.MessageText;
        }
        catch (OperationCanceledException)
        {
            await SweepAsync(session, index);
            throw;
        }
    }

    /// <summary>In a session of its own, for a cancel may have cost the other one. What can't be removed now is removed by the next run.</summary>
    private static async Task SweepAsync(MaintenanceSession session, OwnIndex index)
    {
        try
        {
            var password = await session.Watching.FindPasswordAsync(session.At, CancellationToken.None);
            await using var sweeper = await PostgresConnections.OpenAsync(session.At, password, null, CancellationToken.None);
            await sweeper.ExecuteAsync("SET lock_timeout = 2000", CancellationToken.None);
            var left = (await OwnIndexes.ReadAsync(sweeper, CancellationToken.None)).Where(other => other.IsLeftover && other.Name.Name.StartsWith(index.Name.Name, StringComparison.Ordinal));
            await RemoveAsync(session with { Connection = sweeper }, left, RunProgress.None, CancellationToken.None);
        }
        catch (Exception fault) when (PostgresErrors.IsOfDatabase(fault))
        {
            // The failure of the build is what is told.
        }
    }

    private static async Task<int> RemoveAsync(MaintenanceSession session, IEnumerable<OwnIndex> leftovers, RunProgress progress, CancellationToken cancellationToken)
    {
        var removed = 0;
        foreach (var leftover in leftovers)
        {
            // REINDEX is allowed where a database is read-only by default, and DROP INDEX is not.
            await session.Connection.ExecuteAsync("SET default_transaction_read_only = off", cancellationToken);
            progress.Phase($"Removing {leftover.Name}");
            await session.Connection.ExecuteAsync($"DROP INDEX CONCURRENTLY IF EXISTS {leftover.Name.ToSql()}", cancellationToken);
            removed++;
        }

        return removed;
    }
}

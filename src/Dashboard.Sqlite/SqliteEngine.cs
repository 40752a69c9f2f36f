using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Databases.Indexes;
using Dashboard.Core.Health;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Core.Retention;
using Dashboard.Sqlite.Backups;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Health;
using Dashboard.Sqlite.Locations;
using Dashboard.Sqlite.Maintenance;
using Dashboard.Sqlite.Restores;
using Dashboard.Sqlite.Retention;
using Dashboard.Sqlite.Schemas;
using Dashboard.Sqlite.States;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite;

/// <summary>SQLite as the product knows it. Each member stands in a file of its name; here they get a thread and a person's words for what fails.</summary>
public sealed class SqliteEngine(TimeProvider time) : IDatabaseEngine, IMaintained, IHealthChecked, IKeepsRows, IOrphanage, IIndexMaker
{
    internal const string Key = "sqlite";

    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);

    public EngineDescription Description { get; } = new(
        Key: Key,
        Title: "SQLite",
        LocationLabel: "Path of the database file",
        LocationHint: "The full path on the machine where this dashboard runs, such as /var/lib/shop/shop.db.",
        FileExtension: ".sqlite",
        RestoreByHand: "Unpack {0} with zstd, stop the application, move its database away together with the files -wal, -shm and -journal, and put the unpacked file in its place.");

    public IReadOnlyList<IMaintenanceTask> Tasks { get; } =
    [
        new VacuumTask(time),
        new CompactTask(time),
        new AnalyzeTask(time),
        new ReindexTask(time),
        new CheckpointTask(time),
        new QuickCheckTask(time),
        new IntegrityCheckTask(time),
        new ForeignKeyCheckTask(time),
        new IncrementalVacuumTask(time),
    ];

    public IReadOnlyList<IHealthCheck> HealthChecks { get; } =
    [
        new IntegrityCheck(time),
        new WriterVersionCheck(),
        new LogCheck(time),
        new FreePagesCheck(time),
        new StatisticsCheck(time),
        new JournalCheck(time),
        new RightsCheck(),
        new OtherNamesCheck(),
        new LostSidecarsCheck(),
        new KeysCheck(time),
    ];

    public Task<OwnAnswer> AskOwnAsync(string location, string sql, TimeSpan timeout, CancellationToken cancellationToken) =>
        AskAloneAsync(location, () => AskOwn.Run(location, sql, timeout, time, cancellationToken), cancellationToken);

    public Task<MaintenanceMeasure> MeasureAsync(string location, CancellationToken cancellationToken) =>
        AskAsync(location, () => Ground.Read(location, time, cancellationToken).Measure, cancellationToken);

    public Task<RowTable> LookAtRowsAsync(string location, string table, CancellationToken cancellationToken) =>
        WatchAsync(location, connection => LookAtRowTable.Run(connection, location, table), cancellationToken);

    public Task<string?> FindConditionFaultAsync(string location, string table, string condition, CancellationToken cancellationToken) =>
        GuardAsync(location, (_, guard) => guard.FindFault(table, condition), cancellationToken);

    public Task<RowClock> ReadClockAsync(string location, RowTime time, CancellationToken cancellationToken) =>
        GuardAsync(location, (connection, guard) => CountOldRows.ReadClock(connection, guard, location, time), cancellationToken);

    public Task<RowPreview> PreviewAsync(string location, RowSelection selection, CancellationToken cancellationToken) =>
        GuardAsync(location, (connection, guard) => CountOldRows.Run(connection, guard, location, selection), cancellationToken);

    public Task<IRowSession> OpenRowsAsync(string location, RowSelection selection, CancellationToken cancellationToken) =>
        AskAsync<IRowSession>(location, () => RowSession.Open(location, selection, time), cancellationToken);

    public string CheckTask => ForeignKeyCheckTask.Key;

    public string KeptExtension => ".sql";

    public Task<OrphanList> FindOrphansAsync(string location, RunProgress progress, CancellationToken cancellationToken) =>
        AskAsync(location, () => new RemoveOrphans(location, progress, time).Find(cancellationToken), cancellationToken);

    public Task<OrphanList> RemoveOrphansAsync(string location, string keep, OrphanCount most, RunProgress progress, CancellationToken cancellationToken) =>
        AskAsync(location, () => new RemoveOrphans(location, progress, time).Run(keep, most, cancellationToken), cancellationToken);

    public string IndexLock => "Whoever writes to this database waits until the index stands: about as long as reading the table once and sorting it. Readers go on in WAL mode.";

    public string Write(IndexDraft draft) => MakeIndex.Write(draft);

    public Task CheckQueryAsync(string location, string query, CancellationToken cancellationToken) =>
        AskAloneAsync(location, () => new MeasureQuery(location, query, time).Check(cancellationToken), cancellationToken);

    public Task<QueryMeasure> MeasureQueryAsync(string location, string query, CancellationToken cancellationToken) =>
        AskAloneAsync(location, () => new MeasureQuery(location, query, time).Run(cancellationToken), cancellationToken);

    public Task CreateIndexAsync(string location, IndexDraft draft, RunProgress progress, CancellationToken cancellationToken) =>
        AskAsync(location, () => new MakeIndex(location, time).Create(draft, progress, cancellationToken), cancellationToken);

    public Task DropIndexAsync(string location, IndexDraft draft, RunProgress progress, CancellationToken cancellationToken) =>
        AskAsync(location, () => new MakeIndex(location, time).Drop(draft, progress, cancellationToken), cancellationToken);

    public Task<bool> TraceIndexAsync(string location, IndexDraft draft, CancellationToken cancellationToken) =>
        AskAsync(location, () => new MakeIndex(location, time).Stands(draft, cancellationToken), cancellationToken);

    public Task<LocationCheck> CheckLocationAsync(string location, CancellationToken cancellationToken) =>
        AskAsync(location, () => CheckLocation.Run(location, time, cancellationToken), cancellationToken);

    public Task<DatabaseState> ReadStateAsync(string location, CancellationToken cancellationToken) =>
        AskAsync(location, () => ReadState.Run(location, time, cancellationToken), cancellationToken);

    public Task<RowCounts> CountRowsAsync(string location, TimeSpan budget, CancellationToken cancellationToken) =>
        AskAsync(location, () => CountRows.Run(location, budget, time, cancellationToken), cancellationToken);

    public Task<string?> ReadMarkAsync(string location, CancellationToken cancellationToken) =>
        AskAsync(location, () => File.Exists(location) ? ChangeMark.Read(location, time) is { IsSettled: true } mark ? mark.Text : null : throw SqliteErrors.Missing(location), cancellationToken);

    public Task<TableList> ReadTablesAsync(string location, TimeSpan budget, CancellationToken cancellationToken) =>
        AskAsync(location, () => ReadTables.Run(location, budget, time, cancellationToken), cancellationToken);

    public Task<TableDetails> ReadTableAsync(string location, string table, TimeSpan budget, CancellationToken cancellationToken) =>
        AskAsync(location, () => Schemas.ReadTable.Run(location, table, budget, time, cancellationToken), cancellationToken);

    public Task<IndexList> ReadIndexesAsync(string location, CancellationToken cancellationToken) =>
        AskAsync(location, () => ReadIndexes.Run(location, time, cancellationToken), cancellationToken);

    public Task<Measure> CountTableAsync(string location, string table, RunProgress progress, CancellationToken cancellationToken) =>
        AskAsync(location, () => Schemas.CountTable.Run(location, table, progress, time, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<DatabaseUser>?> FindUsersAsync(string location, CancellationToken cancellationToken) =>
        AskAsync(location, () => FindUsers.Run(location, cancellationToken), cancellationToken);

    public Task<BackupContent> WriteBackupAsync(string location, BackupStaging staging, RunProgress progress, CancellationToken cancellationToken) =>
        AskAsync(location, () => new WriteBackup(location, staging, progress, time).Run(cancellationToken), cancellationToken);

    public Task<BackupEstimate> EstimateBackupAsync(string location, CancellationToken cancellationToken) =>
        AskAsync(location, () => Estimate(ReadState.Run(location, time, cancellationToken).SizeBytes), cancellationToken);

    public Task<CopyCheck> CheckCopyAsync(
        string file,
        IReadOnlyList<TableRows>? expected,
        CheckDepth depth,
        RunProgress progress,
        CancellationToken cancellationToken) =>
        AskAsync(file, () => CheckCopy.Run(file, expected, depth, progress, cancellationToken), cancellationToken);

    public Task<RestoreOutlook> LookAheadAsync(string location, long contentBytes, IReadOnlyDictionary<string, string> identity, CancellationToken cancellationToken) =>
        AskAsync(location, () => LookAhead.Run(location, contentBytes, identity, time, cancellationToken), cancellationToken);

    public Task<RestoreResult> RestoreAsync(string location, RestoreWork work, RunProgress progress, CancellationToken cancellationToken) =>
        AskAsync(location, () => new RestoreIntoLive(Sidecars.RealName(location), work, progress, time).RunAsync(cancellationToken), cancellationToken);

    public Task<RestoreTrace> TraceRestoreAsync(string location, string checkpoint, CancellationToken cancellationToken) =>
        AskAsync(location, () => TraceRestore.Run(location, checkpoint, time, cancellationToken), cancellationToken);

    public Task<CopyResult> RestoreAsCopyAsync(string location, CopyWork work, RunProgress progress, CancellationToken cancellationToken) =>
        AskAsync(location, async () => new CopyResult(await RestoreAsCopy.RunAsync(location, work.File, work.Label, progress, cancellationToken), []), cancellationToken);

    public Task<string?> FindCopyAsync(string location, string label, CancellationToken cancellationToken) =>
        AskAsync(location, () => RestoreAsCopy.Find(location, label), cancellationToken);

    public Task SweepAsync(string location, CancellationToken cancellationToken) =>
        AskAsync(location, () =>
        {
            CompactTask.Sweep(location);
            return true;
        }, cancellationToken);

    public string? FolderOf(string location) => Path.GetDirectoryName(location);

    /// <summary>The checked copy is a file of its own.</summary>
    private static BackupEstimate Estimate(long bytes) => new(bytes, bytes);

    /// <summary>Looks in one moment, without a trace, and stops when asked.</summary>
    private Task<T> WatchAsync<T>(string location, Func<SqliteConnection, T> look, CancellationToken cancellationToken) =>
        AskAsync(
            location,
            () => File.Exists(location)
                ? SqliteConnections.Watch(location, connection =>
                {
                    Patience.HoldSnapshot(connection, location, LockPatience, time, cancellationToken);
                    using var interruption = Interruption.On(connection, cancellationToken);
                    return look(connection);
                })
                : throw SqliteErrors.Missing(location),
            cancellationToken);

    private Task<T> GuardAsync<T>(string location, Func<SqliteConnection, RowGuard, T> look, CancellationToken cancellationToken) =>
        WatchAsync(
            location,
            connection =>
            {
                using var guard = new RowGuard(connection);
                return look(connection, guard);
            },
            cancellationToken);

    internal static Task<T> AskAsync<T>(string location, Func<T> verb, CancellationToken cancellationToken) =>
        AskAsync(location, () => Task.FromResult(verb()), cancellationToken);

    /// <summary>
    /// What a person typed may take all its time. It gets a thread of its own: were those of the pool taken by such statements, nobody would be left to tell them that their time is over.
    /// </summary>
    private static Task<T> AskAloneAsync<T>(string location, Func<T> verb, CancellationToken cancellationToken) =>
        AskAsync(location, () => Task.Factory.StartNew(verb, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default), cancellationToken);

    /// <summary>SQLite's calls block; they get a thread of the pool and never one that draws a page.</summary>
    private static async Task<T> AskAsync<T>(string location, Func<Task<T>> verb, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(verb, cancellationToken);
        }
        catch (SqliteException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (SqliteException error)
        {
            throw StaleWal.Name(SqliteErrors.Explain(error, location), location);
        }
        catch (DatabaseDamagedException damage) when (StaleWal.Name(damage, location) is var named && named != damage)
        {
            throw named;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DatabaseException($"A file that belongs to the work on {location} could not be used: {error.Message}", null, error);
        }
    }
}

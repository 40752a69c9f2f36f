using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Sqlite.Aliases;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Files;
using Dashboard.Sqlite.Schemas;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Maintenance;

/// <summary>What all tasks of SQLite share: a thread of their own, and a person's words for what fails.</summary>
internal abstract class SqliteTask(TimeProvider time) : IMaintenanceTask
{
    /// <summary>How long a writer may keep a task from beginning. A task that waits in line longer would surprise whoever asked for it.</summary>
    protected static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);

    public abstract MaintenanceDescription Description { get; }

    protected TimeProvider Time => time;

    public Task<MaintenanceOutlook> LookAheadAsync(string location, CancellationToken cancellationToken) =>
        SqliteEngine.AskAsync(
            location,
            () =>
            {
                var ground = Ground.Read(location, time, cancellationToken);
                if (!OnlyReads && ReadOnlyMount.Of(location) is { } point)
                {
                    return MaintenanceOutlook.Refused(SqliteErrors.ReadOnly(location).Message, ReadOnlyMount.WayOut(point));
                }

                return FindAliases.Run(location, cancellationToken) is [var worst, ..] && worst.Harm >= Limit
                    ? MaintenanceOutlook.Refused(worst.Problem, worst.WayOut)
                    : LookAhead(ground, cancellationToken);
            },
            cancellationToken);

    public Task<MaintenanceResult> RunAsync(string location, RunProgress progress, CancellationToken cancellationToken) =>
        SqliteEngine.AskAsync(
            location,
            () =>
            {
                var ground = Ground.Read(location, time, cancellationToken);
                if (OnlyReads)
                {
                    DemandWhole.ToRead(location, "Nothing was checked.", cancellationToken);
                }

                return Run(ground, progress, cancellationToken);
            },
            cancellationToken);

    /// <summary>From where on it is refused: what only reads can be wrong where rows are hidden, what writes does harm earlier.</summary>
    private AliasHarm Limit => OnlyReads ? AliasHarm.HidesRows : AliasHarm.UnsafeToWrite;

    /// <summary>Whether it changes nothing in the file.</summary>
    protected virtual bool OnlyReads => false;

    protected abstract MaintenanceOutlook LookAhead(Ground ground, CancellationToken cancellationToken);

    protected abstract MaintenanceResult Run(Ground ground, RunProgress progress, CancellationToken cancellationToken);

    protected static SqliteConnection OpenToWrite(Ground ground)
    {
        DemandWhole.ToWrite(ground.Location, CancellationToken.None);
        var connection = SqliteConnections.Open(ground.Location, SqliteOpenMode.ReadWrite);
        QuotedTexts.Allow(connection);
        return connection;
    }

    /// <summary>Looks at one moment, which a writer in rollback mode may delay a little.</summary>
    protected T Watch<T>(Ground ground, Func<SqliteConnection, T> look, CancellationToken cancellationToken) => SqliteConnections.Watch(ground.Location, connection =>
    {
        Patience.HoldSnapshot(connection, ground.Location, LockPatience, time, cancellationToken);
        return look(connection);
    });

    /// <summary>Runs a statement that writes, once no other writer is in its way.</summary>
    protected void Execute(SqliteConnection connection, Ground ground, string sql, CancellationToken cancellationToken) =>
        Patience.Execute(connection, ground.Location, sql, LockPatience, time, cancellationToken);

    /// <summary>Why a task that rewrites pages by the thousand must not run beside Litestream; null where it is not there.</summary>
    protected static MaintenanceOutlook? RefusedForLitestream(Ground ground) => ground.LitestreamFolder is { } folder
        ? MaintenanceOutlook.Refused(
            $"Litestream replicates this database ({Path.GetFileName(folder)}): it follows the log, and this would break its chain or make it copy everything again.",
            "Stop Litestream and move that folder away first, or restore a backup as a copy, which comes compact.")
        : null;

    /// <summary>Why tables and indexes can't be made again here, as VACUUM does; null where they can.</summary>
    protected MaintenanceOutlook? RefusedForMissingParts(Ground ground, CancellationToken cancellationToken)
    {
        var lacks = Watch(ground, ReplaySchema.Run, cancellationToken);
        return lacks.Count == 0 ? null : MaintenanceOutlook.Refused(
            $"VACUUM can't rebuild {Words.List([.. lacks.Select(lack => $"{lack.What} ({lack.Reason})")])}: {(lacks.Any(lack => lack.Why is null) ? "only the application has what that needs" : "SQLite refuses the definition")}.",
            "Run VACUUM from the application. Backups are not affected.");
    }

    protected static string Indexes(long count) => Words.Count(count, "index", "indexes");
}

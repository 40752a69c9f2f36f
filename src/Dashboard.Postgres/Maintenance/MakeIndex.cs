using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Dashboard.Postgres.Statements;
using Npgsql;

namespace Dashboard.Postgres.Maintenance;

/// <summary>
/// Makes and removes an index while everybody goes on (https://www.postgresql.org/docs/current/sql-createindex.html). A build that fails half-way leaves
/// an invalid index, which each write has to keep: it is removed.
/// </summary>
internal sealed class MakeIndex(MaintenanceSession session, IndexDraft draft)
{
    private readonly TableName table = TableName.Parse(draft.Table);

    /// <summary>An index lies in the schema of its table.</summary>
    private TableName Name => new(table.Schema, draft.Name);

    public static string Write(IndexDraft draft) =>
        $"CREATE {(draft.IsUnique ? "UNIQUE " : "")}INDEX CONCURRENTLY {TableName.Quote(draft.Name)} ON {TableName.Parse(draft.Table).ToSql()} ({string.Join(", ", draft.Columns.Select(TableName.Quote))}){(draft.Where is null ? "" : $" WHERE {draft.Where}")}";

    public async Task<bool> CreateAsync(RunProgress progress, CancellationToken cancellationToken)
    {
        await DemandNotPartitionedAsync(
            "created",
            $"Create it by hand without blocking writers: CREATE INDEX {TableName.Quote(draft.Name)} ON ONLY {table.ToSql()} (…), then CREATE INDEX CONCURRENTLY on each partition, then ALTER INDEX … ATTACH PARTITION ….",
            cancellationToken);
        if (await IsValidAsync(session.Connection, cancellationToken) is not null)
        {
            throw new DatabaseException($"There is something called {draft.Name} already.", "Choose another name.");
        }

        // What the condition names is found as its author means it.
        await session.Connection.ExecuteAsync("RESET search_path", cancellationToken);
        var bytes = await session.Connection.AskAsync<long>("SELECT pg_relation_size($1::text::regclass)", cancellationToken, table.ToSql());
        progress.Phase($"Creating {draft.Name}", bytes);
        var waited = new WaitedFor(progress);
        try
        {
            await PostgresTask.ExecuteAsync(session, () => TypedSelect.ExecuteOneAsync(session.Connection, Write(draft), cancellationToken), ReindexTask.Progress, done => progress.Report(Math.Min(done, bytes)), cancellationToken, waited);
            return true;
        }
        catch (PostgresException fault) when (!cancellationToken.IsCancellationRequested && fault.Severity != "FATAL" && fault.SqlState != PostgresErrorCodes.ReadOnlySqlTransaction)
        {
            await SweepAsync();
            throw fault.SqlState == PostgresErrorCodes.LockNotAvailable
                ? new DatabaseBusyException($"The index {draft.Name} could not be created in time. {waited.Sentence(PostgresTask.LockPatience) ?? "Another session holds a lock."}", "End that transaction, or create the index when it has ended. What was begun was removed.", fault)
                : new DatabaseException($"The index can't be created: {fault.MessageText}.", "Correct what is named, and create it again.", fault);
        }
        catch
        {
            await SweepAsync();
            throw;
        }
    }

    public async Task<bool> DropAsync(RunProgress progress, CancellationToken cancellationToken)
    {
        await DemandNotPartitionedAsync("removed", $"Remove it by hand when the applications can wait: DROP INDEX {Name.ToSql()} locks the table and all of its partitions.", cancellationToken);
        progress.Phase($"Removing {draft.Name}");
        var waited = new WaitedFor(progress);
        try
        {
            await PostgresTask.ExecuteAsync(session, () => session.Connection.ExecuteAsync($"DROP INDEX CONCURRENTLY IF EXISTS {Name.ToSql()}", cancellationToken), ReindexTask.Progress, _ => { }, cancellationToken, waited);
            return true;
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.LockNotAvailable && !cancellationToken.IsCancellationRequested)
        {
            throw new DatabaseBusyException($"The index {draft.Name} could not be removed in time. {waited.Sentence(PostgresTask.LockPatience) ?? "Another session holds a lock."}", "End that transaction, or remove the index when it has ended.", fault);
        }
    }

    /// <exception cref="DatabaseException">The server knows no CONCURRENTLY for such a table, and without it everybody who writes waits.</exception>
    private async Task DemandNotPartitionedAsync(string what, string nextStep, CancellationToken cancellationToken)
    {
        if (await session.Connection.AskAsync<bool>("SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind = 'p')", cancellationToken, table.Schema, table.Name))
        {
            throw new DatabaseException($"{table} is partitioned: PostgreSQL has no way to have an index of it {what} while others write (CONCURRENTLY).", nextStep);
        }
    }

    /// <summary>Whether it stands whole; half of it is removed unless somebody is building it now.</summary>
    public async Task<bool> TraceAsync(CancellationToken cancellationToken)
    {
        var isValid = await IsValidAsync(session.Connection, cancellationToken);
        if (isValid == false)
        {
            await session.Connection.ExecuteAsync($"DROP INDEX CONCURRENTLY IF EXISTS {Name.ToSql()}", cancellationToken);
        }

        return isValid == true;
    }

    /// <summary>In a session of its own, for a cancel may have cost the other one. What can't be removed now is shown as invalid, with what to do.</summary>
    private async Task SweepAsync()
    {
        try
        {
            await PostgresTask.InSessionAsync(session.At, session.Watching, fresh => new MakeIndex(session with { Connection = fresh }, draft).TraceAsync(CancellationToken.None), CancellationToken.None);
        }
        catch (Exception fault) when (PostgresErrors.IsOfDatabase(fault))
        {
            // The failure of the build is what is told.
        }
    }

    /// <summary>Null when nothing is called so; one that somebody is building counts as whole, for it is theirs.</summary>
    private async Task<bool?> IsValidAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var found = await connection.ListAsync(
            """
            SELECT coalesce(x.indisvalid, true) OR EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = c.oid)
            FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_index x ON x.indexrelid = c.oid
            WHERE n.nspname = $1 AND c.relname = $2
            """,
            row => row.GetBoolean(0),
            cancellationToken,
            Name.Schema,
            Name.Name);
        return found is [var isValid] ? isValid : null;
    }
}

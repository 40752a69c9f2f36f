using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Sqlite.Aliases;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Statements;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Maintenance;

/// <summary>Makes and removes an index. One statement is one transaction: failed, cancelled or killed it leaves nothing.</summary>
internal sealed class MakeIndex(string location, TimeProvider time)
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);

    public static string Write(IndexDraft draft) =>
        $"CREATE {(draft.IsUnique ? "UNIQUE " : "")}INDEX {SqliteStatements.Quoted(draft.Name)} ON {SqliteStatements.Quoted(draft.Table)} ({string.Join(", ", draft.Columns.Select(SqliteStatements.Quoted))}){(draft.Where is null ? "" : $" WHERE {draft.Where}")}";

    public bool Create(IndexDraft draft, RunProgress progress, CancellationToken cancellationToken)
    {
        var ground = Ground.Read(location, time, cancellationToken);
        DemandWhole.ToWrite(location, cancellationToken);
        using var connection = SqliteConnections.Open(location, SqliteOpenMode.ReadWrite);
        var sql = Write(draft);
        try
        {
            DemandOne(connection, sql);
            progress.Phase($"Creating {draft.Name}", ground.UsedBytes);
            using var interruption = Interruption.On(connection, cancellationToken, bytes => progress.Report(Math.Min(bytes, ground.UsedBytes)));
            Patience.Execute(connection, location, sql, LockPatience, time, cancellationToken);
            return true;
        }
        catch (SqliteException fault) when (fault.SqliteErrorCode is raw.SQLITE_ERROR or raw.SQLITE_CONSTRAINT)
        {
            throw new DatabaseException($"The index can't be created: {SqliteErrors.Said(fault)}.", "Correct what is named, and create it again.", fault);
        }
    }

    public bool Drop(IndexDraft draft, RunProgress progress, CancellationToken cancellationToken)
    {
        _ = Ground.Read(location, time, cancellationToken);
        DemandWhole.ToWrite(location, cancellationToken);
        progress.Phase($"Removing {draft.Name}");
        using var connection = SqliteConnections.Open(location, SqliteOpenMode.ReadWrite);
        Patience.Execute(connection, location, $"DROP INDEX IF EXISTS main.{SqliteStatements.Quoted(draft.Name)}", LockPatience, time, cancellationToken);
        return true;
    }

    public bool Stands(IndexDraft draft, CancellationToken cancellationToken)
    {
        _ = Ground.Read(location, time, cancellationToken);
        return SqliteConnections.Watch(location, connection => connection.ReadRows("SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = $name", row => row.GetInt64(0), ("$name", draft.Name)).Count > 0);
    }

    /// <summary>A condition is typed by a person and stands last: what it could bring is a second statement.</summary>
    private static void DemandOne(SqliteConnection connection, string sql)
    {
        var code = raw.sqlite3_prepare_v2(connection.Handle!, sql, out var statement, out var rest);
        statement?.Dispose();
        if (code != raw.SQLITE_OK)
        {
            throw SqliteErrors.From(connection, code);
        }

        if (!TypedSelect.IsNothing(connection, rest))
        {
            throw new DatabaseException("The condition goes on behind its end.", "Write only what stands behind WHERE.");
        }
    }
}

using Dashboard.Core.Databases;
using Dashboard.Core.Databases.Indexes;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Schemas;

/// <summary>One table: numbers, columns, indexes, triggers and the statements that make it.</summary>
internal static class ReadTable
{
    public static async Task<TableDetails> RunAsync(PostgresLocation at, Watching watching, string table, TimeSpan budget, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return await Locks.AskAgainAsync(() => watching.AskAsync(at, connection => ReadAsync(connection, at, table, budget, time, cancellationToken), cancellationToken));
        }
        catch (PostgresException locked) when (locked.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw Locks.Busy(table, locked);
        }
    }

    private static async Task<TableDetails> ReadAsync(NpgsqlConnection connection, PostgresLocation at, string table, TimeSpan budget, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var known = await Catalogue.FindAsync(connection, table, at, cancellationToken);
        var pageSize = await Catalogue.ReadPageSizeAsync(connection, cancellationToken);
        IReadOnlyList<CatalogueTable> parts = known.IsPartitioned ? [.. (await Catalogue.ReadAsync(connection, cancellationToken)).Where(part => part.Whole == known.Name)] : [known];
        var real = await MeasureChanged.ReadAsync(connection, parts, budget, cancellationToken);
        var estimate = new EstimateTable(real, pageSize, now);
        var counts = await ReadTables.CountAsync(connection, parts, estimate, pageSize, budget, time, cancellationToken);
        List<TableFacts> facts = [.. parts.Select(part => ReadTables.Counted(estimate.Facts(part), part, counts, now))];
        var indexes = await ReadIndexes.ReadAsync(connection, [known], real, known, time, cancellationToken);
        var columns = await ReadColumns.RunAsync(connection, known, cancellationToken);
        var definition = await Define.RunAsync(connection, known, columns, cancellationToken);
        var triggers = await ReadTriggersAsync(connection, known, cancellationToken);

        // Dropped while it was looked at, it would seem to have no columns; one that was made in its place is another.
        if ((await Catalogue.FindAsync(connection, table, at, cancellationToken)).Oid != known.Oid)
        {
            throw Catalogue.Missing(table, at);
        }

        return new TableDetails(
            now,
            known.IsPartitioned ? SumPartitions.Of(known, facts, now) : facts[0],
            [.. columns.Select(column => Facts(column, indexes.ForeignKeys))],
            indexes.Indexes,
            indexes.ForeignKeys,
            triggers,
            definition);
    }

    private static ColumnFacts Facts(Column column, IReadOnlyList<ForeignKeyFacts> keys)
    {
        var targets = keys
            .Where(key => key.Columns.Contains(column.Name))
            .Select(key => $"{key.Parent}.{key.ParentColumns[key.Columns.ToList().IndexOf(column.Name)]}")
            .ToList();
        return new ColumnFacts(
            column.Name,
            column.Type,
            column.IsNotNull,
            column.Identity is { } identity ? identity : column.Expression,
            column.KeyPosition,
            column.Generated switch { "s" => ColumnKind.GeneratedStored, "v" => ColumnKind.GeneratedVirtual, _ => ColumnKind.Ordinary },
            targets.Count == 0 ? null : string.Join(", ", targets));
    }

    private static Task<List<string>> ReadTriggersAsync(NpgsqlConnection connection, CatalogueTable table, CancellationToken cancellationToken) =>
        connection.ListAsync(
            """
            SELECT tgname
            FROM pg_trigger
            WHERE tgrelid = $1::bigint::oid AND NOT tgisinternal
            ORDER BY tgname
            """,
            row => row.GetString(0),
            cancellationToken,
            (long)table.Oid);
}

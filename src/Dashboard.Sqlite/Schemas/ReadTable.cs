using Dashboard.Core.Databases;
using Dashboard.Core.Databases.Indexes;
using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Schemas;

/// <summary>One table: numbers, columns, indexes, triggers and the statement that makes it.</summary>
internal static class ReadTable
{
    public static TableDetails Run(string location, string table, TimeSpan budget, TimeProvider time, CancellationToken cancellationToken) =>
        Look.Into(
            location,
            look =>
            {
                var catalogue = Catalogue.Read(look.Connection);
                Demand(catalogue, table, location);
                var found = ReadTables.Measured(table, catalogue, new SizeOf(look.Pages, look.At), cancellationToken);
                var counts = ReadTables.CountSmallFirst(look.Connection, [found], budget, time, cancellationToken);
                var indexes = ReadIndexes.Read(look, catalogue, table);
                return new TableDetails(
                    look.At,
                    found.Facts with { Rows = counts.TryGetValue(table, out var rows) ? new Measure(rows, IsExact: true, look.At) : found.Facts.Rows },
                    ReadColumns(look.Connection, table, indexes.ForeignKeys),
                    indexes.Indexes,
                    indexes.ForeignKeys,
                    [.. catalogue.TriggersOf(table).Select(trigger => trigger.Name).Order(StringComparer.Ordinal)],
                    catalogue.Roots.TryGetValue(table, out var entry) ? entry.Sql : "")
                {
                    RowKey = indexes.RowKeys.GetValueOrDefault(table),
                };
            },
            time,
            cancellationToken);

    internal static void Demand(Catalogue catalogue, string table, string location)
    {
        if (!catalogue.Names.Contains(table, StringComparer.Ordinal))
        {
            throw new TableMissingException($"{location} has no table called {table}.", "It may have been dropped or renamed; look at the list of its tables.");
        }
    }

    private static List<ColumnFacts> ReadColumns(SqliteConnection connection, string table, IReadOnlyList<ForeignKeyFacts> keys) => connection.ReadRows(
        """
        SELECT name, COALESCE(type, ''), "notnull", dflt_value, pk, hidden
        FROM pragma_table_xinfo($table, 'main')
        ORDER BY cid
        """,
        row => new ColumnFacts(
            row.GetString(0),
            row.GetString(1),
            row.GetBoolean(2),
            row.IsDBNull(3) ? null : row.GetString(3),
            row.GetInt32(4) is var position && position > 0 ? position : null,
            row.GetInt32(5) switch { 1 => ColumnKind.Hidden, 2 => ColumnKind.GeneratedVirtual, 3 => ColumnKind.GeneratedStored, _ => ColumnKind.Ordinary },
            References(row.GetString(0), keys)),
        ("$table", table));

    private static string? References(string column, IReadOnlyList<ForeignKeyFacts> keys)
    {
        var targets = keys
            .Where(key => key.Columns.Contains(column))
            .Select(key => key.ParentColumns.ElementAtOrDefault(key.Columns.ToList().IndexOf(column)) is { } parent ? $"{key.Parent}.{parent}" : key.Parent)
            .ToList();
        return targets.Count == 0 ? null : string.Join(", ", targets);
    }
}

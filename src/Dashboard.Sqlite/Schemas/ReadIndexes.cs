using System.Globalization;
using Dashboard.Core.Databases.Indexes;
using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Schemas;

/// <summary>
/// Indexes and foreign keys, of all tables or of one. Virtual tables are not asked: one whose module is not here would fail all the others.
/// </summary>
internal static class ReadIndexes
{
    public static IndexList Run(string location, TimeProvider time, CancellationToken cancellationToken) =>
        Look.Into(
            location,
            look =>
            {
                using var interruption = Interruption.On(look.Connection, cancellationToken);
                return Read(look, Catalogue.Read(look.Connection), null);
            },
            time,
            cancellationToken);

    /// <param name="only">One table; null for all.</param>
    internal static IndexList Read(Look look, Catalogue catalogue, string? only)
    {
        IReadOnlyList<string> tables = only is null ? catalogue.Names : [only];
        var columns = ReadColumns(look.Connection, only).ToLookup(column => (column.Table, column.Index));
        var statistics = Statistics(look.Connection, only);
        var size = new SizeOf(look.Pages, look.At);
        var heads = ReadHeads(look.Connection, only).ToLookup(head => head.Table, StringComparer.Ordinal);

        var indexes = new List<IndexFacts>();
        foreach (var table in tables)
        {
            var entries = catalogue.Indexes[table].ToDictionary(entry => entry.Name, StringComparer.Ordinal);
            indexes.AddRange(heads[table].Select(head => Facts(head, entries.GetValueOrDefault(head.Name), [.. columns[(table, head.Name)]])));
        }

        return new IndexList(look.At, indexes, ReadForeignKeys(look.Connection, only))
        {
            RowKeys = ReadRowKeys(look.Connection, catalogue, only),
            TotalBytes = look.Pages.Count * look.Pages.PageSize,
        };

        IndexFacts Facts(Head head, CatalogueEntry? entry, IReadOnlyList<Column> parts)
        {
            var text = entry is { Sql.Length: > 0 } ? IndexText.Parse(entry.Sql) : null;
            return new IndexFacts(
                head.Name,
                head.Table,
                [.. parts.Select(part => new IndexColumn(part.Name, part.Name is null ? text?.Columns.ElementAtOrDefault(part.Position) ?? "an expression" : null, part.IsDescending, part.Collation == "BINARY" ? null : part.Collation, part.Type))],
                head.IsUnique,
                head.IsPartial ? text?.Where ?? "a condition" : null,
                head.Origin switch { "pk" => IndexOrigin.PrimaryKey, "u" => IndexOrigin.UniqueConstraint, _ => IndexOrigin.ByHand },
                entry is null ? null : size.Bytes(size.Tree(entry.Root)),
                statistics.TryGetValue(head.Name, out var rows) ? rows : null,
                entry is { Sql.Length: > 0 } ? entry.Sql : null)
            {
                IsTableItself = entry is null && head.Origin == "pk",
            };
        }
    }

    private sealed record Head(string Table, string Name, bool IsUnique, string Origin, bool IsPartial);

    private sealed record Column(string Table, string Index, int Position, string? Name, string Type, bool IsDescending, string Collation);

    private static List<Head> ReadHeads(SqliteConnection connection, string? only) => connection.ReadRows(
        """
        SELECT t.name, i.name, i."unique", i.origin, i.partial
        FROM pragma_table_list AS t
        JOIN pragma_index_list(t.name, 'main') AS i
        WHERE t.schema = 'main'
            AND t.type = 'table'
            AND ($table = '' OR t.name = $table)
        ORDER BY t.name, i.name
        """,
        row => new Head(row.GetString(0), row.GetString(1), row.GetBoolean(2), row.GetString(3), row.GetBoolean(4)),
        Only(only));

    private static List<Column> ReadColumns(SqliteConnection connection, string? only) => connection.ReadRows(
        """
        SELECT t.name, i.name, x.seqno, x.name, COALESCE(c.type, ''), x."desc", COALESCE(x.coll, 'BINARY')
        FROM pragma_table_list AS t
        JOIN pragma_index_list(t.name, 'main') AS i
        JOIN pragma_index_xinfo(i.name, 'main') AS x
        LEFT JOIN pragma_table_xinfo(t.name, 'main') AS c ON c.cid = x.cid
        WHERE t.schema = 'main'
            AND t.type = 'table'
            AND x.key = 1
            AND ($table = '' OR t.name = $table)
        ORDER BY t.name, i.name, x.seqno
        """,
        row => new Column(row.GetString(0), row.GetString(1), row.GetInt32(2), row.IsDBNull(3) ? null : row.GetString(3), row.GetString(4), row.GetBoolean(5), row.GetString(6)),
        Only(only));

    internal static List<ForeignKeyFacts> ReadForeignKeys(SqliteConnection connection, string? only) =>
    [
        .. connection.ReadRows(
            """
            SELECT t.name, f.id, f."table", f."from", f."to"
            FROM pragma_table_list AS t
            JOIN pragma_foreign_key_list(t.name, 'main') AS f
            WHERE t.schema = 'main'
            AND t.type = 'table'
                AND ($table = '' OR t.name = $table)
            ORDER BY t.name, f.id, f.seq
            """,
            row => (Table: row.GetString(0), Id: row.GetInt64(1), Parent: row.GetString(2), From: row.GetString(3), To: row.IsDBNull(4) ? null : row.GetString(4)),
            Only(only))
            .GroupBy(part => (part.Table, part.Id))
            .Select(key => new ForeignKeyFacts(key.Key.Table, [.. key.Select(part => part.From)], key.First().Parent, [.. key.Select(part => part.To).OfType<string>()])),
    ];

    /// <summary>A single INTEGER PRIMARY KEY is the row number itself, and has no index (https://www.sqlite.org/lang_createtable.html#rowid).</summary>
    private static Dictionary<string, string> ReadRowKeys(SqliteConnection connection, Catalogue catalogue, string? only) => connection.ReadRows(
        """
        SELECT t.name, MAX(c.name)
        FROM pragma_table_list AS t
        JOIN pragma_table_xinfo(t.name, 'main') AS c
        WHERE t.schema = 'main'
            AND t.type = 'table'
            AND c.pk > 0
            AND ($table = '' OR t.name = $table)
            AND NOT EXISTS (SELECT 1 FROM pragma_index_list(t.name, 'main') AS i WHERE i.origin = 'pk')
        GROUP BY t.name
        HAVING COUNT(*) = 1
        """,
        row => (Table: row.GetString(0), Column: row.GetString(1)),
        Only(only)).Where(key => !catalogue.WithoutRowid.Contains(key.Table)).ToDictionary(key => key.Table, key => key.Column, StringComparer.Ordinal);

    /// <summary>The last number is the mean of rows that share all columns (https://www.sqlite.org/fileformat2.html#the_sqlite_stat1_table).</summary>
    private static Dictionary<string, double> Statistics(SqliteConnection connection, string? only)
    {
        if (connection.ReadLong("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'") == 0)
        {
            return [];
        }

        var statistics = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (index, stat) in connection.ReadRows(
            """
            SELECT CAST(idx AS TEXT), CAST(stat AS TEXT)
            FROM sqlite_stat1
            WHERE idx IS NOT NULL
                AND stat IS NOT NULL
                AND ($table = '' OR tbl = $table)
            """,
            row => (row.GetString(0), row.GetString(1)),
            Only(only)))
        {
            var numbers = stat.Split(' ').TakeWhile(word => double.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out _)).ToList();
            if (numbers.Count > 1)
            {
                statistics[index] = double.Parse(numbers[^1], CultureInfo.InvariantCulture);
            }
        }

        return statistics;
    }

    /// <summary>No table has the empty name and an index, or it is read with all the others.</summary>
    private static (string, object)[] Only(string? table) => [("$table", table ?? "")];
}

using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.States;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Schemas;

/// <param name="Table">That it belongs to; its own name for a table.</param>
/// <param name="Root">First page of its tree; 0 for what has none.</param>
/// <param name="Sql">Empty for an index that came with a constraint.</param>
internal sealed record CatalogueEntry(string Kind, string Name, string Table, long Root, string Sql)
{
    /// <summary>The catalogue is a table too, on the first page.</summary>
    public static CatalogueEntry OfItself { get; } = new("table", "sqlite_schema", "sqlite_schema", 1, "");
}

/// <summary>What the database is made of, in one query: 15,000 entries take as long as opening the file.</summary>
internal sealed class Catalogue
{
    private readonly List<CatalogueEntry> entries;

    private Catalogue(List<CatalogueEntry> entries, IReadOnlyList<string> names, IReadOnlySet<string> withoutRowid)
    {
        this.entries = entries;
        Names = names;
        WithoutRowid = withoutRowid;
        Roots = entries.Where(entry => entry is { Kind: "table", Root: > 0 }).ToDictionary(entry => entry.Name, StringComparer.Ordinal);
        Indexes = entries.Where(entry => entry is { Kind: "index", Root: > 0 }).ToLookup(entry => entry.Table, StringComparer.Ordinal);
    }

    /// <summary>The tables that hold rows of their own, by name.</summary>
    public IReadOnlyList<string> Names { get; }

    public IReadOnlySet<string> WithoutRowid { get; }

    public IReadOnlyDictionary<string, CatalogueEntry> Roots { get; }

    /// <summary>By table.</summary>
    public ILookup<string, CatalogueEntry> Indexes { get; }

    /// <summary>Everything that has pages.</summary>
    public IEnumerable<CatalogueEntry> WithPages => entries.Where(entry => entry.Root > 0);

    public IEnumerable<CatalogueEntry> TriggersOf(string table) => entries.Where(entry => entry.Kind == "trigger" && entry.Table == table);

    public static Catalogue Read(SqliteConnection connection)
    {
        var entries = connection.ReadRows(
            """
            SELECT type, name, tbl_name, COALESCE(rootpage, 0), COALESCE(sql, '')
            FROM sqlite_schema
            """,
            row => new CatalogueEntry(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetString(4)));
        var withoutRowid = connection.ReadTexts(
            """
            SELECT name
            FROM pragma_table_list
            WHERE schema = 'main'
                AND wr = 1
            """).ToHashSet(StringComparer.Ordinal);
        return new Catalogue(entries, Tables.Read(connection), withoutRowid);
    }
}

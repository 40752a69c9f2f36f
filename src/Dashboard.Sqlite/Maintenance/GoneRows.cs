using Dashboard.Core.Databases;
using Dashboard.Core.Maintenance;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Schemas;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Maintenance;

/// <summary>
/// The rows that name a parent which is not there, and those whose parent goes with them, as lists of keys among the temporary tables
/// of one connection: there may be millions. SQLite itself says which rows are orphans (https://www.sqlite.org/pragma.html#pragma_foreign_key_check).
/// </summary>
internal sealed class GoneRows
{
    private const string Prefix = "dashboard gone ";
    private const string Found = $"temp.\"{Prefix}found\"";

    private readonly SqliteConnection connection;
    private readonly Catalogue catalogue;
    private readonly Dictionary<string, GoneTable> tables = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<ForeignKey> keys;
    private readonly List<string> left = [];

    private GoneRows(SqliteConnection connection)
    {
        this.connection = connection;
        catalogue = Catalogue.Read(connection);
        keys = ReadKeys(connection);
        connection.Execute($"CREATE TEMP TABLE IF NOT EXISTS \"{Prefix}found\" (k, fk INTEGER)");
    }

    /// <summary>One for each table that loses rows.</summary>
    public IEnumerable<GoneTable> Tables => tables.Values.Where(table => table.Rows > 0);

    /// <summary>Looks at the moment that the connection holds; a look of the same connection before is forgotten.</summary>
    public static (GoneRows Gone, OrphanList List) Look(SqliteConnection connection)
    {
        var gone = new GoneRows(connection);
        List<OrphanGroup> groups = [.. gone.keys.Select(key => key.Child).Distinct(StringComparer.OrdinalIgnoreCase).SelectMany(gone.Begin)];
        gone.Follow(groups);
        return (gone, new OrphanList([.. groups.Where(group => group.Rows > 0)], gone.left));
    }

    /// <summary>The orphans of one table.</summary>
    private List<OrphanGroup> Begin(string child)
    {
        connection.Execute($"DELETE FROM {Found}");
        try
        {
            connection.ReadRows($"INSERT INTO {Found} SELECT rowid, fkid FROM pragma_foreign_key_check($table)", _ => 0, ("$table", child));
        }
        catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_ERROR)
        {
            left.Add($"{child} can't be checked: {error.Message}.");
            return [];
        }

        List<OrphanGroup> groups = [];
        foreach (var (id, rows) in connection.ReadRows($"SELECT fk, COUNT(*) FROM {Found} GROUP BY fk", row => (Id: row.GetInt64(0), Rows: row.GetInt64(1))))
        {
            var key = keys.First(key => key.Child == child && key.Id == id);
            if (!catalogue.Names.Contains(key.Parent, StringComparer.OrdinalIgnoreCase))
            {
                left.Add($"{child} → {key.Parent}: {Words.Count(rows, "row")}. There is no table {key.Parent}: bring it back, or take the foreign key out of {child}.");
            }
            else if (TableOf(child) is { } table)
            {
                groups.Add(new OrphanGroup(child, key.Parent, Begin(table, key, rows), GoesAlong: false));
            }
        }

        return groups;
    }

    private long Begin(GoneTable table, ForeignKey key, long rows)
    {
        if (!table.IsWithoutRowid)
        {
            return Add(table, $"SELECT k FROM {Found} WHERE fk = {key.Id}");
        }

        // SQLite names no row of such a table. What is asked for here must be what it has counted.
        var lost = $"""
            FROM main.{SqliteStatements.Quoted(table.Name)} AS c
            WHERE {string.Join(" AND ", key.Columns.Select(pair => $"c.{SqliteStatements.Quoted(pair.From)} IS NOT NULL"))}
                AND NOT EXISTS (SELECT 1 FROM main.{SqliteStatements.Quoted(key.Parent)} AS p WHERE {Joined(key)})
            """;
        return connection.ReadLong($"SELECT COUNT(*) {lost}") == rows
            ? Add(table, $"SELECT {table.KeyOf("c")} {lost}")
            : throw new DatabaseException($"It can't be told which rows of {table.Name} are orphans.", "Look at them with the application, which knows how it compares them.");
    }

    /// <summary>What names a row that goes, round by round until nothing is added.</summary>
    private void Follow(List<OrphanGroup> groups)
    {
        bool hasGrown;
        do
        {
            hasGrown = false;
            foreach (var key in keys)
            {
                if (tables.GetValueOrDefault(key.Parent) is not { Rows: > 0 } parent || TableOf(key.Child) is not { } child)
                {
                    continue;
                }

                var added = Add(
                    child,
                    $"""
                    SELECT {child.KeyOf("c")}
                    FROM {parent.Temporary} AS g
                    JOIN main.{SqliteStatements.Quoted(parent.Name)} AS p ON {parent.Matches("p", "g")}
                    JOIN main.{SqliteStatements.Quoted(child.Name)} AS c ON {Joined(key)}
                    """);
                if (added == 0)
                {
                    continue;
                }

                hasGrown = true;
                var known = groups.FindIndex(group => group.GoesAlong && group.Table == child.Name && group.Parent == key.Parent);
                if (known < 0)
                {
                    groups.Add(new OrphanGroup(child.Name, key.Parent, added, GoesAlong: true));
                }
                else
                {
                    groups[known] = groups[known] with { Rows = groups[known].Rows + added };
                }
            }
        }
        while (hasGrown);
    }

    private long Add(GoneTable table, string select)
    {
        connection.Execute($"INSERT OR IGNORE INTO {table.Temporary} {select}");
        var added = connection.ReadLong("SELECT changes()");
        table.Rows += added;
        return added;
    }

    /// <summary>Null, and told, where its rows can't be named.</summary>
    private GoneTable? TableOf(string name)
    {
        if (tables.TryGetValue(name, out var known))
        {
            return known;
        }

        if (GoneTable.Read(connection, catalogue, name, $"{Prefix}{tables.Count}") is not { } table)
        {
            left.Add($"{name}: its columns hide the number of the row, so that none can be named.");
            keys.RemoveAll(key => string.Equals(key.Child, name, StringComparison.OrdinalIgnoreCase));
            return null;
        }

        tables.Add(name, table);
        return table;
    }

    private static string Joined(ForeignKey key) => string.Join(" AND ", key.Columns.Select(pair => $"p.{SqliteStatements.Quoted(pair.To)} = c.{SqliteStatements.Quoted(pair.From)}"));

    private static List<ForeignKey> ReadKeys(SqliteConnection connection) =>
    [
        .. connection.ReadRows(
            """
            SELECT
                tables.name,
                keys.id,
                keys."table",
                keys."from",
                COALESCE(keys."to", (SELECT name FROM pragma_table_info(keys."table") AS parent WHERE parent.pk = keys.seq + 1))
            FROM pragma_table_list AS tables, pragma_foreign_key_list(tables.name) AS keys
            WHERE tables.schema = 'main'
                AND tables.type = 'table'
            ORDER BY tables.name, keys.id, keys.seq
            """,
            row => (Child: row.GetString(0), Id: row.GetInt64(1), Parent: row.GetString(2), From: row.GetString(3), To: row.IsDBNull(4) ? "" : row.GetString(4)))
            .GroupBy(column => (column.Child, column.Id, column.Parent))
            .Select(key => new ForeignKey(key.Key.Child, key.Key.Id, key.Key.Parent, [.. key.Select(column => (column.From, column.To))])),
    ];

    private sealed record ForeignKey(string Child, long Id, string Parent, IReadOnlyList<(string From, string To)> Columns);
}

/// <summary>A table that loses rows, and their keys in a temporary table.</summary>
internal sealed class GoneTable(string name, string temporary, IReadOnlyList<string> key, bool isWithoutRowid, IReadOnlyList<string> columns)
{
    /// <summary>A column may have one of these names, and then it is the column.</summary>
    private static readonly string[] RowidWords = ["rowid", "_rowid_", "oid"];

    public string Name => name;

    public bool IsWithoutRowid => isWithoutRowid;

    public long Rows { get; set; }

    /// <summary>Of the columns that hold something of their own: what is computed comes back by itself.</summary>
    public IReadOnlyList<string> Columns => columns;

    public string Temporary => $"temp.{SqliteStatements.Quoted(temporary)}";

    public string KeyOf(string alias) => string.Join(", ", key.Select(column => $"{alias}.{SqliteStatements.Quoted(column)}"));

    /// <summary>For a statement about the rows of this table alone.</summary>
    public string IsGone => $"({string.Join(", ", key.Select(SqliteStatements.Quoted))}) IN (SELECT {string.Join(", ", key.Select((_, number) => $"k{number}"))} FROM {Temporary})";

    public string Matches(string row, string gone) => string.Join(" AND ", key.Select((column, number) => $"{row}.{SqliteStatements.Quoted(column)} = {gone}.k{number}"));

    public static GoneTable? Read(SqliteConnection connection, Catalogue catalogue, string name, string temporary)
    {
        var columns = connection.ReadRows("SELECT name, pk, hidden FROM pragma_table_xinfo($table) ORDER BY cid", row => (Name: row.GetString(0), Key: row.GetInt64(1), Hidden: row.GetInt64(2)), ("$table", name));
        var isWithoutRowid = catalogue.WithoutRowid.Contains(name, StringComparer.OrdinalIgnoreCase);
        IReadOnlyList<string> key = isWithoutRowid
            ? [.. columns.Where(column => column.Key > 0).OrderBy(column => column.Key).Select(column => column.Name)]
            : [.. RowidWords.Where(word => !columns.Exists(column => string.Equals(column.Name, word, StringComparison.OrdinalIgnoreCase))).Take(1)];
        if (key.Count == 0)
        {
            return null;
        }

        var list = string.Join(", ", Enumerable.Range(0, key.Count).Select(number => $"k{number}"));
        connection.Execute($"DROP TABLE IF EXISTS temp.{SqliteStatements.Quoted(temporary)}");
        connection.Execute($"CREATE TEMP TABLE {SqliteStatements.Quoted(temporary)} ({list}, PRIMARY KEY ({list})) WITHOUT ROWID");
        return new GoneTable(name, temporary, key, isWithoutRowid, [.. columns.Where(column => column.Hidden == 0).Select(column => column.Name)]);
    }
}

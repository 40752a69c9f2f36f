using Dashboard.Core.Databases;
using Dashboard.Core.Maintenance;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Schemas;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Maintenance;

/// <summary>
/// The rows that name a parent which is not there, and those whose parent goes with them, as lists of keys among the temporary tables
/// of one connection: there may be millions. Those that survive their parent, as their foreign key says, are on a list of their own. SQLite itself says which rows are orphans (https://www.sqlite.org/pragma.html#pragma_foreign_key_check).
/// </summary>
internal sealed class GoneRows
{
    private const string Prefix = "dashboard gone ";
    private const string Found = $"temp.\"{Prefix}found\"";

    private readonly SqliteConnection connection;
    private readonly Catalogue catalogue;
    private readonly Dictionary<string, GoneTable> tables = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<ForeignKey> keys;
    private readonly List<OrphanGroup> groups = [];
    private readonly List<string> left = [];

    private GoneRows(SqliteConnection connection)
    {
        this.connection = connection;
        catalogue = Catalogue.Read(connection);
        keys = ReadKeys(connection);
        connection.Execute($"CREATE TEMP TABLE IF NOT EXISTS \"{Prefix}found\" (k, fk INTEGER)");
    }

    /// <summary>One for each table that loses rows, or keys of rows.</summary>
    public IEnumerable<GoneTable> Tables => tables.Values.Where(table => table.Rows > 0 || table.Emptied.Count > 0);

    /// <summary>Looks at the moment that the connection holds; a look of the same connection before is forgotten.</summary>
    public static (GoneRows Gone, OrphanList List) Look(SqliteConnection connection)
    {
        var gone = new GoneRows(connection);
        foreach (var child in gone.keys.Select(key => key.Child).Distinct(StringComparer.OrdinalIgnoreCase).ToList())
        {
            gone.Begin(child);
        }

        gone.Follow();
        return (gone, new OrphanList([.. gone.groups.Concat(gone.Tables.SelectMany(gone.CountEmptied)).Where(group => group.Rows > 0)], gone.left));
    }

    /// <summary>The orphans of one table.</summary>
    private void Begin(string child)
    {
        connection.Execute($"DELETE FROM {Found}");
        try
        {
            connection.ReadRows($"INSERT INTO {Found} SELECT rowid, fkid FROM pragma_foreign_key_check($table)", _ => 0, ("$table", child));
        }
        catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_ERROR)
        {
            left.Add($"{child} can't be checked: {MissingPart.Reason(error)}.");
            return;
        }

        foreach (var (id, rows) in connection.ReadRows($"SELECT fk, COUNT(*) FROM {Found} GROUP BY fk", row => (Id: row.GetInt64(0), Rows: row.GetInt64(1))))
        {
            var key = keys.First(key => key.Child == child && key.Id == id);
            if (!catalogue.Names.Contains(key.Parent, StringComparer.OrdinalIgnoreCase))
            {
                left.Add($"{child} → {key.Parent}: {Words.Count(rows, "row")}. There is no table {key.Parent}: bring it back, or take the foreign key out of {child}.");
            }
            else if (TableOf(child) is { } table)
            {
                Lose(table, key, Begin(table, key, rows), goesAlong: false);
            }
        }
    }

    /// <summary>The keys of those orphans, as a query.</summary>
    private string Begin(GoneTable table, ForeignKey key, long rows)
    {
        if (!table.IsWithoutRowid)
        {
            return $"SELECT k FROM {Found} WHERE fk = {key.Id}";
        }

        // SQLite names no row of such a table. What is asked for here must be what it has counted.
        var lost = $"""
            FROM main.{SqliteStatements.Quoted(table.Name)} AS c
            WHERE {string.Join(" AND ", key.Columns.Select(pair => $"c.{SqliteStatements.Quoted(pair.From)} IS NOT NULL"))}
                AND NOT EXISTS (SELECT 1 FROM main.{SqliteStatements.Quoted(key.Parent)} AS p WHERE {Joined(key)})
            """;
        return connection.ReadLong($"SELECT COUNT(*) {lost}") == rows
            ? $"SELECT {table.KeyOf("c")} {lost}"
            : throw new DatabaseException($"It can't be told which rows of {table.Name} are orphans.", "Look at them with the application, which knows how it compares them.");
    }

    /// <summary>What names a row that goes, or a key that is emptied, round by round until nothing is added.</summary>
    private void Follow()
    {
        bool hasGrown;
        do
        {
            hasGrown = false;
            foreach (var key in keys.ToList())
            {
                if (!tables.TryGetValue(key.Parent, out var parent))
                {
                    continue;
                }

                var named = keys.Where(other => parent.Emptied.Contains(other.Id) && IsOf(other, parent) && other.Columns.Any(own => key.Columns.Any(pair => Same(pair.To, own.From)))).Select(other => other.Id).ToList();
                if ((parent.Rows == 0 && named.Count == 0) || TableOf(key.Child) is not { } child)
                {
                    continue;
                }

                if (parent.Rows > 0)
                {
                    hasGrown |= Lose(child, key, Children(parent, child, key, parent.Temporary), goesAlong: true);
                }

                if (named.Count > 0)
                {
                    hasGrown |= Lose(child, key, Children(parent, child, key, $"(SELECT * FROM {parent.TemporaryEmptied} WHERE fk IN ({string.Join(", ", named)}))"), goesAlong: true);
                }
            }
        }
        while (hasGrown);
    }

    private static string Children(GoneTable parent, GoneTable child, ForeignKey key, string parents) =>
        $"""
        SELECT {child.KeyOf("c")}
        FROM {parents} AS g
        JOIN main.{SqliteStatements.Quoted(parent.Name)} AS p ON {parent.Matches("p", "g")}
        JOIN main.{SqliteStatements.Quoted(child.Name)} AS c ON {Joined(key)}
        """;

    /// <summary>These rows have no parent, or lose it: they go, or stay with an empty key.</summary>
    private bool Lose(GoneTable child, ForeignKey key, string rows, bool goesAlong)
    {
        if (key.IsEmptied)
        {
            connection.Execute($"INSERT OR IGNORE INTO {child.TemporaryEmptied} SELECT *, {key.Id}, {(goesAlong ? 1 : 0)} FROM ({rows})");
            if (connection.ReadLong("SELECT changes()") == 0)
            {
                return false;
            }

            child.Emptied.Add(key.Id);
            return true;
        }

        connection.Execute($"INSERT OR IGNORE INTO {child.Temporary} {rows}");
        var added = connection.ReadLong("SELECT changes()");
        child.Rows += added;
        var known = groups.FindIndex(group => group.GoesAlong == goesAlong && group.Table == child.Name && group.Parent == key.Parent && group.Although == key.Although);
        if (known < 0)
        {
            groups.Add(new OrphanGroup(child.Name, key.Parent, added, goesAlong) { Although = key.Although });
        }
        else
        {
            groups[known] = groups[known] with { Rows = groups[known].Rows + added };
        }

        return added > 0;
    }

    /// <summary>Of the rows that stay; one that loses two keys is counted with the first.</summary>
    private IEnumerable<OrphanGroup> CountEmptied(GoneTable table) => connection.ReadRows(
        $"""
        SELECT fk, along, COUNT(*)
        FROM (SELECT MIN(fk) AS fk, along FROM {table.TemporaryEmptied} AS e WHERE {table.Stays("e")} GROUP BY {table.KeyNumbers})
        GROUP BY fk, along
        ORDER BY fk, along
        """,
        row => (Key: keys.First(key => key.Id == row.GetInt64(0) && IsOf(key, table)), GoesAlong: row.GetInt64(1) == 1, Rows: row.GetInt64(2)))
        .Select(group => new OrphanGroup(table.Name, group.Key.Parent, group.Rows, group.GoesAlong) { Emptied = Words.List([.. group.Key.Columns.Select(pair => pair.From)]) });

    /// <summary>The columns of each key that some rows lose, by its number.</summary>
    public IReadOnlyList<(long Key, IReadOnlyList<string> Columns)> EmptiedOf(GoneTable table) =>
        [.. keys.Where(key => table.Emptied.Contains(key.Id) && IsOf(key, table)).Select(key => (key.Id, (IReadOnlyList<string>)[.. key.Columns.Select(pair => pair.From)]))];

    private static bool IsOf(ForeignKey key, GoneTable table) => Same(key.Child, table.Name);

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

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

    /// <summary>A column can be emptied unless it must hold something, names the row itself, or is computed.</summary>
    private static List<ForeignKey> ReadKeys(SqliteConnection connection) =>
    [
        .. connection.ReadRows(
            """
            SELECT
                tables.name,
                keys.id,
                keys."table",
                keys."from",
                COALESCE(keys."to", (SELECT name FROM pragma_table_info(keys."table") AS parent WHERE parent.pk = keys.seq + 1)),
                keys.on_delete,
                own."notnull" = 0 AND own.pk = 0 AND own.hidden = 0,
                own.dflt_value IS NOT NULL AND upper(own.dflt_value) <> 'NULL'
            FROM pragma_table_list AS tables, pragma_foreign_key_list(tables.name) AS keys
            LEFT JOIN pragma_table_xinfo(tables.name) AS own ON own.name = keys."from" COLLATE NOCASE
            WHERE tables.schema = 'main'
                AND tables.type = 'table'
            ORDER BY tables.name, keys.id, keys.seq
            """,
            row => (
                Child: row.GetString(0),
                Id: row.GetInt64(1),
                Parent: row.GetString(2),
                From: row.GetString(3),
                To: row.IsDBNull(4) ? "" : row.GetString(4),
                OnDelete: row.GetString(5),
                CanBeEmpty: !row.IsDBNull(6) && row.GetInt64(6) == 1,
                HasDefault: row.GetInt64(7) == 1))
            .GroupBy(column => (column.Child, column.Id, column.Parent, column.OnDelete))
            .Select(key => new ForeignKey(key.Key.Child, key.Key.Id, key.Key.Parent, [.. key.Select(column => (column.From, column.To))])
            {
                Survives = key.Key.OnDelete is "SET NULL" or "SET DEFAULT",
                CanBeEmpty = key.All(column => column.CanBeEmpty),
                HasDefault = key.Key.OnDelete == "SET DEFAULT" && key.Any(column => column.HasDefault),
            }),
    ];

    private sealed record ForeignKey(string Child, long Id, string Parent, IReadOnlyList<(string From, string To)> Columns)
    {
        /// <summary>ON DELETE SET NULL or SET DEFAULT.</summary>
        public required bool Survives { get; init; }

        public required bool CanBeEmpty { get; init; }

        /// <summary>Which would have to name a parent that is there.</summary>
        public required bool HasDefault { get; init; }

        public bool IsEmptied => Survives && CanBeEmpty && !HasDefault;

        public string? Although => OrphanGroup.WhyNotEmptied(Survives, CanBeEmpty, HasDefault);
    }
}

/// <summary>A table that loses rows, and their keys in a temporary table.</summary>
internal sealed class GoneTable(string name, string temporary, IReadOnlyList<string> key, bool isWithoutRowid, IReadOnlyList<string> columns, IReadOnlyList<string>? lasting)
{
    /// <summary>A column may have one of these names, and then it is the column.</summary>
    private static readonly string[] RowidWords = ["rowid", "_rowid_", "oid"];

    public string Name => name;

    public bool IsWithoutRowid => isWithoutRowid;

    public long Rows { get; set; }

    /// <summary>Of the columns that hold something of their own: what is computed comes back by itself.</summary>
    public IReadOnlyList<string> Columns => columns;

    public string Temporary => $"temp.{SqliteStatements.Quoted(temporary)}";

    /// <summary>Numbers of the foreign keys that some rows lose.</summary>
    public HashSet<long> Emptied { get; } = [];

    /// <summary>Of these rows, with the number of the foreign key (fk) and whether the parent is one of the rows that go (along).</summary>
    public string TemporaryEmptied => $"temp.{SqliteStatements.Quoted(EmptiedName(temporary))}";

    /// <summary>What names a row for ever; null where that is only its place, which VACUUM may change.</summary>
    public IReadOnlyList<string>? Lasting => lasting;

    /// <summary>The name by which the number of the row can be asked for; of no meaning in a table without.</summary>
    public string Rowid => key[0];

    public string KeyNumbers => string.Join(", ", key.Select((_, number) => $"k{number}"));

    public string KeyOf(string alias) => string.Join(", ", key.Select(column => $"{alias}.{SqliteStatements.Quoted(column)}"));

    /// <summary>For a statement about the rows of this table alone.</summary>
    public string IsGone => $"({string.Join(", ", key.Select(SqliteStatements.Quoted))}) IN (SELECT {KeyNumbers} FROM {Temporary})";

    /// <summary>The same of the rows that lose one of their keys.</summary>
    public string Loses(long foreignKey) => $"({string.Join(", ", key.Select(SqliteStatements.Quoted))}) IN (SELECT {KeyNumbers} FROM {TemporaryEmptied} WHERE fk = {foreignKey})";

    /// <summary>For what is listed as emptied and not as gone.</summary>
    public string Stays(string emptied) => $"NOT EXISTS (SELECT 1 FROM {Temporary} AS gone WHERE {string.Join(" AND ", key.Select((_, number) => $"gone.k{number} = {emptied}.k{number}"))})";

    public string Matches(string row, string gone) => string.Join(" AND ", key.Select((column, number) => $"{row}.{SqliteStatements.Quoted(column)} = {gone}.k{number}"));

    public static GoneTable? Read(SqliteConnection connection, Catalogue catalogue, string name, string temporary)
    {
        var columns = connection.ReadRows("SELECT name, pk, hidden, \"notnull\" FROM pragma_table_xinfo($table) ORDER BY cid", row => (Name: row.GetString(0), Key: row.GetInt64(1), Hidden: row.GetInt64(2), NotNull: row.GetInt64(3)), ("$table", name));
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
        connection.Execute($"DROP TABLE IF EXISTS temp.{SqliteStatements.Quoted(EmptiedName(temporary))}");
        connection.Execute($"CREATE TEMP TABLE {SqliteStatements.Quoted(EmptiedName(temporary))} ({list}, fk INTEGER, along INTEGER, PRIMARY KEY ({list}, fk)) WITHOUT ROWID");

        // A primary key without an index of its own is the number of the row; one with an index may hold NULL, unless it is said otherwise.
        var primary = columns.Where(column => column.Key > 0).ToList();
        var hasIndex = connection.ReadRows("SELECT 1 FROM pragma_index_list($table) WHERE origin = 'pk'", _ => true, ("$table", name)).Count > 0;
        var isLasting = primary.Count > 0 && (isWithoutRowid || !hasIndex || primary.TrueForAll(column => column.NotNull == 1));
        return new GoneTable(name, temporary, key, isWithoutRowid, [.. columns.Where(column => column.Hidden == 0).Select(column => column.Name)], isLasting ? [.. primary.Select(column => column.Name)] : null);
    }

    private static string EmptiedName(string temporary) => temporary + " emptied";
}

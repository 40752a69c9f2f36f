using System.Globalization;
using System.Text;

namespace Dashboard.Comparison.Sqlite;

/// <summary>One way in which a SQLite file can be odd.</summary>
/// <param name="After">What can't be done inside a transaction.</param>
internal sealed record SqliteKind(string Name, Action<SqliteSession, Random> Make, Action<SqliteSession>? After = null);

internal static class SqliteKinds
{
    private const int ManyColumns = 1999;

    public static IReadOnlyList<SqliteKind> All { get; } =
    [
        new("plain tables with keys and indexes", Plain),
        new("WITHOUT ROWID", (s, r) => Fill(s, "keyed", "CREATE TABLE keyed(k TEXT, n INTEGER, v, PRIMARY KEY(n, k)) WITHOUT ROWID", "SELECT 'k' || i, i, randomblob(20)", r)),
        new("WITHOUT ROWID with an unknown collation", (s, r) => Fill(s, "localized", "CREATE TABLE localized(k TEXT COLLATE LOCALIZED PRIMARY KEY, v) WITHOUT ROWID", "SELECT 'key ' || i, i", r)),
        new("unknown collation of a column with a unique index", (s, r) => Fill(s, "people", "CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT COLLATE UNICODE_DE UNIQUE, town TEXT)", "SELECT i, 'name ' || i, 'town ' || i % 7", r)),
        new("unknown collation of an index", (s, r) => Fill(s, "cards", "CREATE TABLE cards(a, b); CREATE INDEX cards_a ON cards(a COLLATE \"icu root\" DESC)", "SELECT 'a' || i, i", r)),
        new("unknown function in an index", (s, r) => Fill(s, "keys", "CREATE TABLE keys(id INTEGER PRIMARY KEY, word TEXT); CREATE INDEX keys_of ON keys(app_key(word))", "SELECT i, 'word' || i", r)),
        new("unknown function in a generated column", (s, r) => Fill(s, "made", "CREATE TABLE made(id INTEGER PRIMARY KEY, word TEXT, key TEXT AS (app_key(word)) STORED, other TEXT AS (app_key(word)))", "(id, word) SELECT i, 'word' || i", r)),
        new("unknown function in a CHECK and a DEFAULT", (s, r) => Fill(s, "guarded", "CREATE TABLE guarded(id INTEGER PRIMARY KEY, word TEXT CHECK (app_valid(word)), at INTEGER DEFAULT (app_now()))", "(id, word) SELECT i, 'word' || i", r)),
        new("unknown function in a partial index", (s, r) => Fill(s, "parts", "CREATE TABLE parts(id INTEGER PRIMARY KEY, w TEXT); CREATE UNIQUE INDEX parts_w ON parts(w) WHERE app_valid(w)", "SELECT i, 'w' || i", r)),
        new("views and triggers with unknown functions", UnknownInCode),
        new("views and triggers that fail", Failing),
        new("unknown module", UnknownModule),
        new("unknown tokenizer", UnknownTokenizer, _ => { }),
        new("FTS3", (s, r) => Search(s, r, "notes3", "fts3(title, body)")),
        new("FTS4", (s, r) => Search(s, r, "notes4", "fts4(title, body, tokenize=porter, prefix='2,3')")),
        new("FTS5", (s, r) => Search(s, r, "notes5", "fts5(title, body, tokenize='porter unicode61')")),
        new("FTS4 over a table with triggers", (s, r) => ExternalFour(s, r)),
        new("FTS5 over a table with triggers", (s, r) => ExternalFive(s, r, "CREATE TABLE docs5(id INTEGER PRIMARY KEY, body TEXT)", "docs5", ", content_rowid='id'")),
        new("FTS5 over a table without a key", (s, r) => ExternalFive(s, r, "CREATE TABLE loose5(body TEXT)", "loose5", "")),
        new("FTS5 without content", (s, r) => Search(s, r, "bare5", "fts5(title, body, content='')")),
        new("r-tree", RTree),
        new("STRICT", (s, r) => Fill(s, "strictly", "CREATE TABLE strictly(id INTEGER PRIMARY KEY, i INT, r REAL, t TEXT, b BLOB, x ANY) STRICT", "SELECT i, i, i / 3.0, 't' || i, randomblob(3), CASE i % 3 WHEN 0 THEN 1 WHEN 1 THEN 'x' ELSE NULL END", r)),
        new("generated columns", (s, r) => Fill(s, "generated", "CREATE TABLE generated(a INTEGER, b AS (a * 2) VIRTUAL, c AS (a || '!') STORED NOT NULL); CREATE INDEX generated_b ON generated(b)", "(a) SELECT i", r)),
        new("odd names", OddNames),
        new("2,000 columns", Wide),
        new("empty tables", (s, _) => s.Execute("CREATE TABLE empty1(a); CREATE TABLE empty2(a PRIMARY KEY) WITHOUT ROWID; CREATE TABLE empty3(id INTEGER PRIMARY KEY AUTOINCREMENT)")),
        new("odd values", OddValues),
        new("large values", (s, r) => Fill(s, "large", "CREATE TABLE large(id INTEGER PRIMARY KEY, body)", "SELECT i, CASE i % 4 WHEN 0 THEN zeroblob(200000) WHEN 1 THEN randomblob(70000) WHEN 2 THEN x'' ELSE '' END", r, most: 12)),
        new("odd rowids", OddRowids),
        new("columns called rowid, _rowid_ and oid", (s, r) => Fill(s, "hidden", "CREATE TABLE hidden(rowid TEXT, _rowid_ TEXT, oid TEXT)", "SELECT 'r' || i, 'u' || i, i % 3", r)),
        new("AUTOINCREMENT", (s, r) => Fill(s, "counted", "CREATE TABLE counted(id INTEGER PRIMARY KEY AUTOINCREMENT, v)", "(v) SELECT i", r, "DELETE FROM counted WHERE id > 5; UPDATE sqlite_sequence SET seq = 900000 WHERE name = 'counted'")),
        new("INTEGER PRIMARY KEY DESC and NULL in a primary key", (s, r) => Fill(s, "quirks", "CREATE TABLE quirks(id INTEGER PRIMARY KEY DESC, v); CREATE TABLE nulls(k TEXT PRIMARY KEY, v); INSERT INTO nulls VALUES (NULL, 1), (NULL, 2)", "SELECT CASE i % 5 WHEN 0 THEN NULL ELSE i END, 'v' || i", r)),
        new("orphans under foreign keys", (s, r) => Fill(s, "children", "CREATE TABLE parents(id INTEGER PRIMARY KEY); INSERT INTO parents VALUES (1), (2); CREATE TABLE children(id INTEGER PRIMARY KEY, parent REFERENCES parents(id) ON DELETE CASCADE, missing REFERENCES nowhere(x))", "SELECT i, i % 4, i", r)),
        new("rows that break a CHECK", (s, r) => Fill(s, "broken", "PRAGMA ignore_check_constraints = ON; CREATE TABLE broken(id INTEGER PRIMARY KEY, n INTEGER CHECK (n < 10))", "SELECT i, i", r, "PRAGMA ignore_check_constraints = OFF")),
        new("strings in double quotes", (s, r) => Fill(s, "quoted", "CREATE TABLE quoted(id INTEGER PRIMARY KEY, v TEXT DEFAULT \"a word\"); CREATE VIEW quoted_view AS SELECT \"no such column\" AS a FROM quoted", "(id) SELECT i", r)),
        new("application_id and user_version", (s, r) => s.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {r.Next(int.MinValue, int.MaxValue)}; PRAGMA user_version = {r.Next(int.MinValue, int.MaxValue)}; CREATE TABLE IF NOT EXISTS marked(a); INSERT INTO marked VALUES (1)"))),
        new("statistics", (s, r) => Fill(s, "measured", "CREATE TABLE measured(a, b); CREATE INDEX measured_a ON measured(a)", "SELECT i % 3, i", r), s => s.TryExecute("ANALYZE")),
        new("many free pages", (s, r) => Fill(s, "freed", "CREATE TABLE freed(id INTEGER PRIMARY KEY, body)", "SELECT i, randomblob(3000)", r, "DELETE FROM freed WHERE id % 9 > 0", most: 300)),
        new("expression, partial and descending indexes", (s, r) => Fill(s, "indexed", "CREATE TABLE indexed(a INTEGER, b TEXT, c REAL); CREATE INDEX i1 ON indexed(a DESC, b COLLATE NOCASE); CREATE INDEX i2 ON indexed(length(b) + a); CREATE INDEX i3 ON indexed(c) WHERE a > 5; CREATE UNIQUE INDEX i4 ON indexed(a, b)", "SELECT i, 'b' || i, i * 0.1", r)),
        new("INSTEAD OF triggers", (s, r) => Fill(s, "base", "CREATE TABLE base(id INTEGER PRIMARY KEY, v); CREATE VIEW shown AS SELECT id, v FROM base WHERE v IS NOT NULL; CREATE TRIGGER shown_in INSTEAD OF INSERT ON shown BEGIN INSERT INTO base VALUES (new.id, new.v); END", "SELECT i, 'v' || i", r)),
        new("audit triggers", (s, r) => Fill(s, "audited", "CREATE TABLE audited(id INTEGER PRIMARY KEY, v); CREATE TABLE audit(id INTEGER PRIMARY KEY, what TEXT); CREATE TRIGGER audited_d AFTER DELETE ON audited BEGIN INSERT INTO audit(what) VALUES ('gone ' || old.id); END", "SELECT i, 'v' || i", r)),
    ];

    private static void Fill(SqliteSession session, string table, string schema, string rows, Random random, string? then = null, int most = 400)
    {
        session.Execute(schema);
        var (columns, select) = rows.StartsWith('(') ? (rows[..(rows.IndexOf(')', StringComparison.Ordinal) + 1)], rows[(rows.IndexOf(')', StringComparison.Ordinal) + 1)..]) : ("", rows);
        session.Execute(string.Create(CultureInfo.InvariantCulture, $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {random.Next(3, most)}) INSERT INTO {table}{columns} {select} FROM n"));
        if (then is not null)
        {
            session.Execute(then);
        }
    }

    private static void Plain(SqliteSession session, Random random)
    {
        Fill(session, "customers", "CREATE TABLE customers(id INTEGER PRIMARY KEY, name TEXT NOT NULL)", "SELECT i, 'customer ' || i", random);
        Fill(session, "orders", "CREATE TABLE orders(id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers(id), total REAL, body BLOB); CREATE INDEX orders_c ON orders(customer)", "SELECT i, i % 3 + 1, i * 1.1, randomblob(50)", random);
    }

    private static void UnknownInCode(SqliteSession session, Random random) =>
        Fill(session, "coded", "CREATE TABLE coded(id INTEGER PRIMARY KEY, word TEXT); CREATE VIEW coded_view AS SELECT app_key(word) AS k, st_area(word) FROM coded; CREATE TRIGGER coded_t AFTER DELETE ON coded BEGIN SELECT app_key(old.word); END", "SELECT i, 'word' || i", random);

    private static void Failing(SqliteSession session, Random random) =>
        Fill(session, "tricky", "CREATE TABLE tricky(id INTEGER PRIMARY KEY, a); CREATE VIEW fails AS SELECT * FROM no_such_table; CREATE VIEW circle AS SELECT * FROM fails; CREATE TRIGGER tricky_t AFTER UPDATE ON tricky BEGIN INSERT INTO no_such_table VALUES (1); END; CREATE TRIGGER tricky_d BEFORE DELETE ON tricky WHEN old.id = 1 BEGIN SELECT RAISE(ABORT, 'kept'); END", "SELECT i, i", random);

    private static void UnknownModule(SqliteSession session, Random random)
    {
        Fill(session, "places_data", "CREATE TABLE places_data(id INTEGER PRIMARY KEY, body BLOB)", "SELECT i, randomblob(30)", random);
        session.Execute("PRAGMA writable_schema = ON; INSERT INTO sqlite_schema(type, name, tbl_name, rootpage, sql) VALUES ('table', 'places', 'places', 0, 'CREATE VIRTUAL TABLE places USING VirtualSpatialIndex(a, b)'); PRAGMA writable_schema = OFF;");
    }

    private static void UnknownTokenizer(SqliteSession session, Random random)
    {
        Search(session, random, "icu5", "fts5(title, body)");
        session.Execute("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE VIRTUAL TABLE icu5 USING fts5(title, body, tokenize=''simple_icu'')' WHERE name = 'icu5'; PRAGMA writable_schema = OFF;");
    }

    private static void Search(SqliteSession session, Random random, string name, string module)
    {
        session.Execute($"CREATE VIRTUAL TABLE {name} USING {module}");
        session.Execute(string.Create(CultureInfo.InvariantCulture, $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {random.Next(5, 120)}) INSERT INTO {name}(rowid, title, body) SELECT i * 3, 'tea ' || i, 'salt and word' || i % 9 FROM n"));
    }

    private static void ExternalFour(SqliteSession session, Random random)
    {
        session.Execute(
            """
            CREATE TABLE docs4(id INTEGER PRIMARY KEY, body TEXT);
            CREATE VIRTUAL TABLE docs4_fts USING fts4(content="docs4", body);
            CREATE TRIGGER docs4_i AFTER INSERT ON docs4 BEGIN INSERT INTO docs4_fts(docid, body) VALUES (new.id, new.body); END;
            CREATE TRIGGER docs4_d BEFORE DELETE ON docs4 BEGIN DELETE FROM docs4_fts WHERE docid = old.id; END;
            """);
        session.Execute(string.Create(CultureInfo.InvariantCulture, $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {random.Next(5, 120)}) INSERT INTO docs4 SELECT i * 2, 'tea salt word' || i FROM n; DELETE FROM docs4 WHERE id < 5;"));
    }

    private static void ExternalFive(SqliteSession session, Random random, string schema, string table, string options)
    {
        session.Execute(schema);
        session.Execute(
            $"""
            CREATE VIRTUAL TABLE {table}_fts USING fts5(body, content='{table}'{options});
            CREATE TRIGGER {table}_i AFTER INSERT ON {table} BEGIN INSERT INTO {table}_fts(rowid, body) VALUES (new.rowid, new.body); END;
            CREATE TRIGGER {table}_d AFTER DELETE ON {table} BEGIN INSERT INTO {table}_fts({table}_fts, rowid, body) VALUES ('delete', old.rowid, old.body); END;
            """);
        session.Execute(string.Create(CultureInfo.InvariantCulture, $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {random.Next(5, 120)}) INSERT INTO {table}(body) SELECT 'tea salt word' || i FROM n; DELETE FROM {table} WHERE rowid % 3 = 1;"));
    }

    private static void RTree(SqliteSession session, Random random)
    {
        session.Execute("CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1, y0, y1, +label TEXT); CREATE VIRTUAL TABLE boxes_i USING rtree_i32(id, x0, x1)");
        session.Execute(string.Create(CultureInfo.InvariantCulture, $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {random.Next(5, 200)}) INSERT INTO boxes SELECT i, i, i + 1.5, -i, i, 'label ' || i FROM n; INSERT INTO boxes_i SELECT id, id, id + 2 FROM boxes;"));
    }

    private static void OddNames(SqliteSession session, Random random)
    {
        string[] names = ["select", "with \"quotes\"", "line\nbreak", "🐘 table", "it's", " leading", "trailing ", "", "semi;colon", "per%cent_", "tab\there", "a\\b", "x'; DROP TABLE y; --", "Ünïcödé", new string('n', 300), "%s{0}", "[brackets]", "-- comment"];
        foreach (var name in names.OrderBy(_ => random.Next()).Take(8))
        {
            var quoted = SqliteSession.Quoted(name);
            session.Execute($"CREATE TABLE {quoted}(\"order\" INTEGER PRIMARY KEY, {SqliteSession.Quoted("c " + name)} TEXT)");
            session.Execute($"INSERT INTO {quoted} VALUES (1, 'tea'), (2, NULL)");
            session.Execute($"CREATE INDEX {SqliteSession.Quoted("ix " + name)} ON {quoted}({SqliteSession.Quoted("c " + name)})");
        }
    }

    private static void Wide(SqliteSession session, Random random)
    {
        session.Execute($"CREATE TABLE wide({string.Join(", ", Enumerable.Range(0, ManyColumns).Select(number => string.Create(CultureInfo.InvariantCulture, $"c{number}")))})");
        session.Execute($"INSERT INTO wide(c0, c{ManyColumns - 1}) VALUES (1, 'last'), ({random.Next()}, NULL)");
    }

    private static void OddValues(SqliteSession session, Random random)
    {
        session.Execute("CREATE TABLE odd_values(id INTEGER PRIMARY KEY, v, t TEXT, i INTEGER, r REAL)");
        session.Execute(
            """
            INSERT INTO odd_values(v) VALUES (9e999), (-9e999), (9e999 - 9e999), (-0.0), (0.1), (1e-310), (9223372036854775807), (-9223372036854775808), (9007199254740993),
                (x''), (''), (x'00'), (cast(x'610062' AS TEXT)), (cast(x'ff80c3' AS TEXT)), ('💾'), (char(0)), (char(10, 13, 9)), ('1'), (1), (1.0), ('01'), (NULL);
            INSERT INTO odd_values(t, i, r) VALUES (12, '12', '12'), (x'3132', 'not a number', 'nor this'), ('12.0', 12.0, 12), (1e3, 1e3, 9223372036854775807);
            """);
        session.Execute($"INSERT INTO odd_values(v) SELECT {SqliteSession.Text(new StringBuilder().Insert(0, "ä", random.Next(1, 5000)).ToString(), true)}");
    }

    private static void OddRowids(SqliteSession session, Random random)
    {
        session.Execute("CREATE TABLE sparse(v); INSERT INTO sparse(rowid, v) VALUES (-9223372036854775808, 'min'), (-1, 'minus'), (0, 'zero'), (7, 'seven'), (9223372036854775807, 'max')");
        session.Execute(string.Create(CultureInfo.InvariantCulture, $"CREATE TABLE refers(id INTEGER PRIMARY KEY, sparse_rowid INTEGER); INSERT INTO refers(sparse_rowid) SELECT rowid FROM sparse; INSERT INTO sparse(rowid, v) VALUES ({random.Next(100, 10_000_000)}, 'far')"));
    }
}

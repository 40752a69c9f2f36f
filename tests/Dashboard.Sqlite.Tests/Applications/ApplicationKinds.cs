using Microsoft.Data.Sqlite;
using Xunit;

namespace Dashboard.Sqlite.Tests.Applications;

/// <summary>Databases that use what only their application has. Each has a table t of five rows; what can't be checked of it is named.</summary>
internal static class ApplicationKinds
{
    private const string Rows = "INSERT INTO t (id, name) VALUES (1, 'abc'), (2, 'bca'), (3, 'cab'), (4, 'zya'), (5, 'aaz');";

    private static readonly Kind[] All =
    [
        new("collation of an index", "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); CREATE INDEX i ON t (name COLLATE german);", "index i", "collation german"),
        new("collation of a unique column", "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT COLLATE german UNIQUE);", "table t", "collation german"),
        new("collation of a primary key", "CREATE TABLE t (id INTEGER, name TEXT COLLATE german PRIMARY KEY);", "table t", "collation german"),
        new("collation of a table without rowid", "CREATE TABLE t (id INTEGER, name TEXT COLLATE german PRIMARY KEY) WITHOUT ROWID;", "table t", "collation german"),
        new("collation of a table without rowid with an index", "CREATE TABLE t (id INTEGER, name TEXT COLLATE german PRIMARY KEY) WITHOUT ROWID; CREATE INDEX i ON t (id);", "table t", "collation german"),
        new("collation of a partial index", "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); CREATE INDEX i ON t (name) WHERE name > 'b' COLLATE german;", "index i", "collation german"),
        new("collation of a rule", "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT CHECK (name > 'a' COLLATE german));", null, "collation german", CanVacuum: true),
        new("function of an index", "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); CREATE INDEX i ON t (slugify(name));", "index i", "function slugify"),
        new("function of a partial index", "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); CREATE INDEX i ON t (name) WHERE slugify(name) > 'b';", "index i", "function slugify"),
        new("function of a rule", "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT CHECK (name REGEXP '^[a-z]+$'));", null, "function REGEXP"),
        new("function of a rule that must not be NULL", "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT CHECK (slugify(name) IS NOT NULL));", null, "function slugify"),
        new("function of a computed column", "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, slug TEXT NOT NULL AS (slugify(name)) VIRTUAL) STRICT;", "table t", "function slugify"),
        new("function of a computed column with an index", "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, slug TEXT AS (slugify(name)) VIRTUAL); CREATE INDEX i ON t (slug);", "index i", "function slugify"),
        new("two indexes and a rule", "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT CHECK (name REGEXP 'a')); CREATE INDEX i ON t (name COLLATE german); CREATE INDEX j ON t (slugify(name));", "index j", "function slugify"),
        new("module of a virtual table", $"CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES ('table', 'x', 'x', 0, 'CREATE VIRTUAL TABLE x USING spellfix1'); CREATE TABLE x_vocab (word);", "virtual table x", "module spellfix1", CanVacuum: true),
        new("tokenizer of FTS5", "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); CREATE VIRTUAL TABLE f USING fts5 (a, tokenize = porter); INSERT INTO f VALUES ('word'); PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'porter', 'hangul') WHERE name = 'f';", "virtual table f", "tokenizer hangul", CanVacuum: true),
        new("tokenizer of FTS4", "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); CREATE VIRTUAL TABLE f USING fts4 (a, tokenize=porter); INSERT INTO f VALUES ('word'); PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'porter', 'icu') WHERE name = 'f';", "virtual table f", "tokenizer icu", CanVacuum: true),
    ];

    public static TheoryData<string> Names => [.. All.Select(kind => kind.Name)];

    public static Kind Of(string name) => All.Single(kind => kind.Name == name);

    /// <param name="Unchecked">What a check must name as not checked; null for a CHECK rule, which no check tests.</param>
    /// <param name="Missing">With what is missing.</param>
    /// <param name="CanVacuum">Whether VACUUM has no need of it.</param>
    internal sealed record Kind(string Name, string Made, string? Unchecked, string Missing, bool CanVacuum = false)
    {
        /// <summary>As its application makes it, which has what this product has not.</summary>
        public string Create(SqliteHarness harness)
        {
            var file = Path.Combine(harness.LiveFolder, "application.db");
            using (var application = Open(file))
            {
                SqliteHarness.Execute(application, Made);
                SqliteHarness.Execute(application, "PRAGMA writable_schema = RESET;");
                SqliteHarness.Execute(application, Rows);
            }

            return file;
        }

        /// <summary>What the application itself says of its database.</summary>
        public static string Judge(string file)
        {
            using var application = Open(file);
            return SqliteHarness.Texts(application, "PRAGMA integrity_check(t)")[0];
        }

        private static SqliteConnection Open(string file)
        {
            var connection = SqliteHarness.Open(file);
            connection.CreateCollation("german", (left, right) => string.CompareOrdinal(Reversed(left), Reversed(right)));
            connection.CreateFunction("slugify", (string? text) => Reversed(text), isDeterministic: true);
            connection.CreateFunction("regexp", (string pattern, string? text) => System.Text.RegularExpressions.Regex.IsMatch(text ?? "", pattern), isDeterministic: true);
            return connection;
        }

        private static string Reversed(string? text) => new([.. (text ?? "").Reverse()]);
    }
}

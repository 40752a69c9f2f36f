using System.Globalization;

namespace Dashboard.Sqlite.Tests.Pages;

/// <summary>A database of odd shapes, the same for the same seed: page sizes, vacuum modes, long rows, deleted rows, every kind of table.</summary>
internal static class RandomSchema
{
    private static readonly int[] PageSizes = [512, 1024, 4096, 65536];

    public static string Create(SqliteHarness harness, int seed)
    {
        var random = new Random(seed);
        var file = Path.Combine(harness.LiveFolder, $"random-{seed}.db");
        using var connection = SqliteHarness.Open(file);
        SqliteHarness.Execute(connection, $"PRAGMA page_size = {PageSizes[random.Next(PageSizes.Length)]}; PRAGMA auto_vacuum = {random.Next(3)}; PRAGMA journal_mode = {(random.Next(2) == 0 ? "wal" : "delete")}; PRAGMA synchronous = OFF;");
        SqliteHarness.Execute(connection, "BEGIN");
        for (var number = random.Next(1, 6); number > 0; number--)
        {
            Table(number, random, sql => SqliteHarness.Execute(connection, sql));
        }

        // The smallest cells there are reach to the very end of their page.
        SqliteHarness.Execute(connection, $"CREATE TABLE tiny (a); CREATE INDEX tinier ON tiny (a); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {random.Next(1, 9000)}) INSERT INTO tiny SELECT CASE i % 3 WHEN 0 THEN NULL ELSE i % 5 END FROM n");
        SqliteHarness.Execute(connection, "COMMIT");
        if (random.Next(3) == 0)
        {
            SqliteHarness.Execute(connection, "ANALYZE");
        }

        return file;
    }

    private static void Table(int number, Random random, Action<string> execute)
    {
        var longest = random.Next(4) switch { 0 => 10, 1 => 300, 2 => 5_000, _ => 70_000 };
        var rows = random.Next(0, 2_000_000 / (longest + 1_000));
        var kind = random.Next(4);
        execute(kind switch
        {
            0 => $"CREATE TABLE t{number} (a TEXT, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID",
            1 => $"CREATE VIRTUAL TABLE t{number} USING fts5 (a, b)",
            2 => $"CREATE TABLE t{number} (a TEXT UNIQUE, b TEXT, c TEXT AS (substr(b, 1, 9)) STORED, d INT AS (length(b)))",
            _ => $"CREATE TABLE t{number} (id INTEGER PRIMARY KEY, a TEXT, b BLOB)",
        });
        if (kind > 1)
        {
            execute($"CREATE INDEX i{number} ON t{number} (b, a)");
            execute($"CREATE INDEX p{number} ON t{number} (lower(a) DESC) WHERE length(b) > {longest / 2}");
        }

        execute(string.Create(CultureInfo.InvariantCulture, $"""
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
            INSERT INTO t{number} (a, b) SELECT i * 7919 % 100003 || '-' || i, hex(zeroblob(abs(random()) % {(longest / 2) + 1})) FROM n WHERE {rows} > 0
            """));
        if (random.Next(2) == 0)
        {
            execute($"DELETE FROM t{number} WHERE {(kind == 0 ? "length(a)" : "rowid")} % {random.Next(2, 5)} = 0");
        }
    }
}

using System.Globalization;

namespace Dashboard.Comparison.Sqlite;

/// <summary>A SQLite file of odd character, from a seed: the same seed makes the same file.</summary>
/// <param name="File">The name under which its application works.</param>
/// <param name="Registered">The name that is given to the dashboard: the same, or another one of the same file.</param>
/// <param name="Kinds">What is odd about it.</param>
public sealed record OddSqlite(int Seed, string File, string Registered, IReadOnlyList<string> Kinds) : IDisposable
{
    private const int MostKinds = 7;

    private static readonly int[] PageSizes = [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536];
    private static readonly string[] Encodings = ["UTF-8", "UTF-8", "UTF-16le", "UTF-16be"];
    private static readonly string[] Journals = ["wal", "wal", "delete", "truncate", "persist"];
    private static readonly string[] Vacuums = ["none", "full", "incremental"];

    private SqliteSession? _application;

    /// <summary>Whether an application has it open all the time, with what is not checkpointed yet in its log.</summary>
    public bool IsInUse => _application is not null;

    public static OddSqlite Make(int seed, string folder)
    {
        var random = new Random(seed);
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, FileName(random));
        var (pageSize, encoding, journal, vacuum) = (Pick(random, PageSizes), Pick(random, Encodings), Pick(random, Journals), Pick(random, Vacuums));
        List<string> kinds = [string.Create(CultureInfo.InvariantCulture, $"page size {pageSize}"), encoding, $"journal {journal}", $"auto_vacuum {vacuum}"];
        var isInUse = journal == "wal" && random.Next(3) == 0;
        var session = new SqliteSession(file);
        try
        {
            session.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA page_size = {pageSize}; PRAGMA encoding = '{encoding}'; PRAGMA auto_vacuum = {vacuum}; PRAGMA journal_mode = {journal}; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;"));
            if (random.Next(25) == 0)
            {
                kinds.Add("zero tables");
                session.Execute("CREATE TABLE gone(a); DROP TABLE gone;");
            }
            else
            {
                var all = SqliteKinds.All.OrderBy(_ => random.Next()).Take(random.Next(2, MostKinds)).ToList();
                foreach (var kind in all)
                {
                    session.Execute("BEGIN");
                    kind.Make(session, random);
                    session.TryExecute("COMMIT");
                    kinds.Add(kind.Name);
                }

                foreach (var kind in all.Where(kind => kind.After is not null))
                {
                    kind.After!(session);
                }
            }

            isInUse &= !kinds.Contains("zero tables");
            if (isInUse)
            {
                kinds.Add("open in an application, log not checkpointed");
                session.Execute("PRAGMA wal_autocheckpoint = 0; CREATE TABLE IF NOT EXISTS in_log(id INTEGER PRIMARY KEY, note TEXT); INSERT INTO in_log(note) VALUES ('only in the log'), ('tea');");
            }
        }
        catch
        {
            session.Dispose();
            throw;
        }

        if (!isInUse)
        {
            session.Dispose();
        }

        return new OddSqlite(seed, file, OtherName(file, random, kinds), kinds) { _application = isInUse ? session : null };
    }

    /// <summary>What somebody does who ruins it: everything that a table is, rows, definitions, numbers of the file. False when nothing could be changed.</summary>
    public void Ruin()
    {
        var random = new Random(Seed + 1);
        using var own = _application is null ? new SqliteSession(File) : null;
        var session = _application ?? own!;
        session.TryExecute("PRAGMA foreign_keys = OFF");
        foreach (var table in session.Rows("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'").Select(row => SqliteSession.Quoted(row[0])))
        {
            switch (random.Next(5))
            {
                case 0:
                    session.TryExecute($"DROP TABLE {table}");
                    break;
                case 1:
                    session.TryExecute($"DELETE FROM {table}");
                    break;
                case 2:
                    session.TryExecute($"ALTER TABLE {table} ADD COLUMN \"added by mistake\" TEXT DEFAULT 'x'");
                    break;
                case 3:
                    session.TryExecute($"DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} LIMIT 3)");
                    break;
                default:
                    break;
            }
        }

        session.TryExecute("CREATE TABLE \"made since\"(id INTEGER PRIMARY KEY, note TEXT); INSERT INTO \"made since\"(note) VALUES ('a'), ('b');");
        session.TryExecute("PRAGMA user_version = 4711; PRAGMA application_id = 99;");
        if (random.Next(4) == 0)
        {
            session.TryExecute("VACUUM");
        }
    }

    public void Dispose()
    {
        _application?.Dispose();
        _application = null;
    }

    private static string FileName(Random random) => random.Next(6) switch
    {
        0 => "my database.sqlite3",
        1 => "日本語.db",
        2 => "it's 100% #1?.db",
        3 => "no-extension",
        _ => "odd.db",
    };

    private static string OtherName(string file, Random random, List<string> kinds)
    {
        switch (random.Next(20))
        {
            case 0:
                kinds.Add("registered by a symbolic link");
                System.IO.File.CreateSymbolicLink(file + ".link", file);
                return file + ".link";
            case 1:
                kinds.Add("hard link");
                HardLink.Make(file, file + ".second");
                return file + ".second";
            default:
                return file;
        }
    }

    private static T Pick<T>(Random random, IReadOnlyList<T> all) => all[random.Next(all.Count)];
}

/// <summary>A second name of a file; .NET has no call for it.</summary>
internal static class HardLink
{
    public static void Make(string file, string name)
    {
        using var ln = System.Diagnostics.Process.Start("ln", [file, name]);
        ln.WaitForExit();
    }
}

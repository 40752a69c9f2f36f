using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Schemas;

/// <summary>What a table or an index can't be made without here.</summary>
/// <param name="What">"index towns_by_name".</param>
/// <param name="Why">SQLite's words where nothing that it could name is missing.</param>
internal sealed record Lack(string What, string Table, IReadOnlyList<MissingPart> Parts, string? Why)
{
    public string Reason => Why ?? string.Join(" and ", Parts);
}

/// <summary>Makes all tables and indexes once more in memory, empty, as VACUUM makes them in its copy (https://www.sqlite.org/lang_vacuum.html), and tells what is missing for that.</summary>
internal static class ReplaySchema
{
    public static IReadOnlyList<Lack> Run(SqliteConnection connection)
    {
        var entries = connection.ReadRows(
            """
            SELECT type, name, tbl_name, sql
            FROM sqlite_schema
            WHERE type IN ('table', 'index')
                AND rootpage > 0
                AND sql IS NOT NULL
                AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
            ORDER BY type DESC, rowid
            """,
            row => (Kind: row.GetString(0), Name: row.GetString(1), Table: row.GetString(2), Sql: row.GetString(3)));
        using var empty = SqliteConnections.OpenEmpty();
        QuotedTexts.Allow(empty);
        List<Lack> lacks = [];
        HashSet<string> unmade = new(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in entries.Where(entry => !unmade.Contains(entry.Table)))
        {
            var (parts, why) = Make(empty, entry.Sql);
            if (why is not null && entry.Kind == "table")
            {
                unmade.Add(entry.Name);
            }

            if (why is not null || parts.Count > 0)
            {
                lacks.Add(new Lack($"{entry.Kind} {entry.Name}", entry.Table, parts, why));
            }
        }

        return lacks;
    }

    private static (List<MissingPart> Parts, string? Why) Make(SqliteConnection empty, string sql)
    {
        List<MissingPart> parts = [];
        try
        {
            while (raw.sqlite3_exec(empty.Handle!, sql) is var code && code != raw.SQLITE_OK)
            {
                var fault = SqliteErrors.From(empty, code);
                if (MissingPart.Of(fault) is not { CanStandIn: true } part || parts.Contains(part))
                {
                    return (parts, SqliteErrors.Said(fault));
                }

                parts.Add(part);
                StandIns.Register(empty, part);
            }

            return (parts, null);
        }
        finally
        {
            // The next one shall tell for itself what it lacks.
            parts.ForEach(part => StandIns.Remove(empty, part));
        }
    }
}

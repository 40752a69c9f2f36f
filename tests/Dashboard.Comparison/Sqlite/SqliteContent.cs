using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Comparison.Sqlite;

/// <summary>
/// Reads a whole SQLite file as its application would: every row of every table with type and bytes of each value, rowids, definitions, the pragmas
/// that belong to the content, and what a full-text search finds.
/// </summary>
public static class SqliteContent
{
    private static readonly string[] Pragmas = ["encoding", "page_size", "user_version", "application_id", "auto_vacuum"];

    /// <summary>Facts that VACUUM and the like may change although they keep the content.</summary>
    public static bool IsKeptByMaintenance(string fact)
    {
        ArgumentNullException.ThrowIfNull(fact);
        return !fact.StartsWith("rowids ", StringComparison.Ordinal) && !fact.Contains("sqlite_stat", StringComparison.Ordinal) && !fact.StartsWith("order ", StringComparison.Ordinal);
    }

    public static Content Read(string file)
    {
        using var session = new SqliteSession(file, SqliteOpenMode.ReadWrite);
        var facts = Pragmas.ToDictionary(pragma => $"pragma {pragma}", pragma => session.Text($"PRAGMA {pragma}") ?? "");
        session.Execute("BEGIN");
        foreach (var entry in session.Rows("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid"))
        {
            if (entry[1] == "sqlite_sequence" && session.Number("SELECT COUNT(*) FROM sqlite_sequence") == 0)
            {
                // VACUUM leaves it out once no table needs it.
                continue;
            }

            facts[$"{entry[0]} {entry[1]}"] = $"on {entry[2]}: {entry[3]}";
            if (entry[0] == "table")
            {
                AddRows(session, facts, entry[1], entry[3]);
            }
        }

        facts["order of the schema"] = string.Join("; ", session.Rows("SELECT type, name FROM sqlite_schema WHERE name <> 'sqlite_sequence' ORDER BY rowid").Select(entry => string.Join(' ', entry)));
        session.Execute("COMMIT");
        return new Content(facts);
    }

    /// <summary>What SQLite itself says of the structure, with the application's functions at hand; null when it is sound.</summary>
    public static string? FindDamage(string file)
    {
        // Read only, by which CHECK constraints are left out: rows that break one are no damage.
        using var session = new SqliteSession(file, SqliteOpenMode.ReadOnly);
        try
        {
            var answer = session.Rows("PRAGMA integrity_check(10)").Select(row => row[0]).ToList();
            return answer is ["ok"] ? null : string.Join("; ", answer);
        }
        catch (SqliteException error)
        {
            return error.Message;
        }
    }

    private static void AddRows(SqliteSession session, Dictionary<string, string> facts, string table, string sql)
    {
        var isVirtual = sql.StartsWith("CREATE VIRTUAL TABLE", StringComparison.OrdinalIgnoreCase);
        var from = $"main.{SqliteSession.Quoted(table)}";
        try
        {
            var columns = session.Rows($"SELECT name FROM pragma_table_xinfo({SqliteSession.Text(table, true)})").Select(row => row[0]).ToHashSet(StringComparer.OrdinalIgnoreCase);
            var rowid = new[] { "rowid", "_rowid_", "oid" }.FirstOrDefault(name => !columns.Contains(name));
            var hasRowid = rowid is not null && !isVirtual && CanPrepare(session, $"SELECT {rowid} FROM {from}");
            Read(session, hasRowid ? $"SELECT {rowid}, * FROM {from} NOT INDEXED" : $"SELECT * FROM {from}", hasRowid, out var rows, out var rowids);
            facts[$"rows {table}"] = rows.ToString();
            if (hasRowid)
            {
                facts[$"rowids {table}"] = rowids.ToString();
            }
        }
        catch (SqliteException error)
        {
            facts[$"rows {table}"] = "can't be read: " + error.Message;
        }

        if (isVirtual && sql.Contains("fts", StringComparison.OrdinalIgnoreCase))
        {
            AddSearch(session, facts, table, from);
        }
    }

    private static void AddSearch(SqliteSession session, Dictionary<string, string> facts, string table, string from)
    {
        foreach (var word in new[] { "tea", "salt", "word7" })
        {
            try
            {
                Read(session, $"SELECT * FROM {from} WHERE {SqliteSession.Quoted(table)} MATCH '{word}'", false, out var rows, out _);
                facts[$"search {table} for {word}"] = rows.ToString();
            }
            catch (SqliteException error)
            {
                facts[$"search {table} for {word}"] = error.Message;
            }
        }
    }

    private static bool CanPrepare(SqliteSession session, string sql)
    {
        var code = raw.sqlite3_prepare_v2(session.Handle, sql, out var statement);
        using (statement)
        {
            return code == raw.SQLITE_OK;
        }
    }

    private static void Read(SqliteSession session, string sql, bool hasRowid, out RowHash rows, out RowHash rowids)
    {
        (rows, rowids) = (new RowHash(), new RowHash());
        var bytes = new RowBytes();
        Demand(session, raw.sqlite3_prepare_v2(session.Handle, sql, out var statement));
        using (statement)
        {
            int code;
            while ((code = raw.sqlite3_step(statement)) == raw.SQLITE_ROW)
            {
                bytes.Begin();
                for (var column = hasRowid ? 1 : 0; column < raw.sqlite3_column_count(statement); column++)
                {
                    AddValue(bytes, statement, column);
                }

                rows.Add(bytes.End());
                if (hasRowid)
                {
                    bytes.Add(9, raw.sqlite3_column_int64(statement, 0));
                    rowids.Add(bytes.End());
                }
            }

            Demand(session, code == raw.SQLITE_DONE ? raw.SQLITE_OK : code);
        }
    }

    /// <summary>Text as the bytes that are stored, whether they are valid or not.</summary>
    private static void AddValue(RowBytes bytes, sqlite3_stmt statement, int column)
    {
        var type = raw.sqlite3_column_type(statement, column);
        switch (type)
        {
            case raw.SQLITE_INTEGER:
                bytes.Add((byte)type, raw.sqlite3_column_int64(statement, column));
                break;
            case raw.SQLITE_FLOAT:
                bytes.Add((byte)type, BitConverter.DoubleToInt64Bits(raw.sqlite3_column_double(statement, column)));
                break;
            case raw.SQLITE_NULL:
                bytes.Add((byte)type, []);
                break;
            default:
                bytes.Add((byte)type, raw.sqlite3_column_blob(statement, column));
                break;
        }
    }

    private static void Demand(SqliteSession session, int code)
    {
        if (code != raw.SQLITE_OK)
        {
            throw new SqliteException(raw.sqlite3_errmsg(session.Handle).utf8_to_string(), code);
        }
    }
}

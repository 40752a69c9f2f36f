using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.States;

/// <summary>The tables that hold rows of their own: not views, not virtual tables and what those keep for themselves.</summary>
internal static class Tables
{
    public static IReadOnlyList<string> Read(SqliteConnection connection) => connection.ReadTexts(
        """
        SELECT name
        FROM pragma_table_list
        WHERE schema = 'main'
            AND type = 'table'
            AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
        ORDER BY name
        """);

    /// <summary>Virtual tables whose module is not in this SQLite: their content is copied, and can't be looked into.</summary>
    public static IReadOnlyList<string> ReadUnreadable(SqliteConnection connection)
    {
        var tables = connection.ReadTexts(
            """
            SELECT name
            FROM pragma_table_list
            WHERE schema = 'main'
                AND type = 'virtual'
            ORDER BY name
            """);
        return [.. tables.Where(table => !CanRead(connection, table))];
    }

    /// <summary>
    /// Counts a table. An index that needs a collation or function of its application can't be opened here, so a count
    /// that fails is done again without indexes.
    /// </summary>
    public static long Count(SqliteConnection connection, string table)
    {
        try
        {
            return connection.ReadLong($"SELECT COUNT(*) FROM main.{SqliteStatements.Quoted(table)}");
        }
        catch (SqliteException error) when (error.SqliteErrorCode == SQLitePCL.raw.SQLITE_ERROR)
        {
            return connection.ReadLong($"SELECT COUNT(*) FROM main.{SqliteStatements.Quoted(table)} NOT INDEXED");
        }
    }

    private static bool CanRead(SqliteConnection connection, string table)
    {
        try
        {
            connection.Execute($"SELECT 1 FROM main.{SqliteStatements.Quoted(table)} LIMIT 0");
            return true;
        }
        catch (SqliteException error) when (error.SqliteErrorCode == SQLitePCL.raw.SQLITE_ERROR)
        {
            return false;
        }
    }
}

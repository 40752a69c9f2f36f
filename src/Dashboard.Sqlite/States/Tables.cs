using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Schemas;
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

    /// <summary>
    /// Counts a table. An index or a table without rowid that needs a collation of its application can't be opened here without a stand-in; with one it is counted
    /// as it is, for pages are read in the order that they have.
    /// </summary>
    public static long Count(SqliteConnection connection, string table)
    {
        try
        {
            return connection.ReadLong($"SELECT COUNT(*) FROM main.{SqliteStatements.Quoted(table)}");
        }
        catch (SqliteException error) when (error.SqliteErrorCode == SQLitePCL.raw.SQLITE_ERROR)
        {
            return StandIns.Run(connection, () => connection.ReadLong($"SELECT COUNT(*) FROM main.{SqliteStatements.Quoted(table)}"));
        }
    }
}

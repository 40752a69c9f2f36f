using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Schemas;

/// <summary>
/// "Texts" in double quotes in a CREATE TABLE or CREATE INDEX (https://www.sqlite.org/quirks.html#dblquote). SQLite takes them by default and the one of this product
/// does not, so VACUUM would fail on a schema that its application has no trouble with.
/// </summary>
internal static class QuotedTexts
{
    /// <summary>SQLITE_DBCONFIG_DQS_DDL.</summary>
    private const int InDefinitions = 1014;

    public static void Allow(SqliteConnection connection) => raw.sqlite3_db_config(connection.Handle!, InDefinitions, 1, out _);
}

using System.Globalization;
using System.Security.Cryptography;
using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Backups;

/// <summary>What tells one database from another, and a restored one from what was there before.</summary>
internal static class Identity
{
    public const string Encoding = "encoding";

    public static IReadOnlyDictionary<string, string> Read(SqliteConnection connection, string location) => new Dictionary<string, string>
    {
        ["page-size"] = Number(connection, "PRAGMA page_size"),
        ["application-id"] = Number(connection, "PRAGMA application_id"),
        ["user-version"] = Number(connection, "PRAGMA user_version"),
        [Encoding] = connection.ReadText("PRAGMA encoding"),
        ["journal"] = SqliteHeader.Read(connection).IsWal || File.Exists(Sidecars.Wal(location)) ? "wal" : "rollback",
        ["schema"] = HashSchema(connection),
    };

    /// <summary>SHA-256 over the statements that define tables, indexes, views and triggers, in the order of their names.</summary>
    public static string HashSchema(SqliteConnection connection)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var definition in connection.ReadTexts(
            """
            SELECT type || char(31) || name || char(31) || tbl_name || char(31) || COALESCE(sql, '')
            FROM sqlite_schema
            ORDER BY type, name
            """))
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(definition));
            hash.AppendData([0]);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string Number(SqliteConnection connection, string pragma) =>
        connection.ReadLong(pragma).ToString(CultureInfo.InvariantCulture);
}

using SQLitePCL;

namespace Dashboard.Sqlite;

/// <summary>
/// Refuses an SQLite that can damage a WAL database when two processes checkpoint at the same instant:
/// 3.7.0 to 3.51.2 (https://www.sqlite.org/wal.html#walresetbug).
/// </summary>
internal static class SqliteVersionGuard
{
    public const int FirstSafeVersion = 3_051_003;

    public static string Version => $"SQLite {raw.sqlite3_libversion().utf8_to_string()}";

    public static void DemandSafeVersion()
    {
        Batteries_V2.Init();
        DemandSafeVersion(raw.sqlite3_libversion_number());
    }

    internal static void DemandSafeVersion(int version)
    {
        if (!IsSafe(version))
        {
            throw new NotSupportedException(
                $"This installation carries SQLite {Words(version)}, which can damage databases in WAL mode. Install a build with 3.51.3 or later.");
        }
    }

    public static bool IsSafe(int version) => version >= FirstSafeVersion;

    public static string Words(int version) => $"{version / 1_000_000}.{version / 1000 % 1000}.{version % 1000}";
}

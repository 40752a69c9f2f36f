using Dashboard.Core.Backups;

namespace Dashboard.Core.Configuration;

/// <summary>
/// The settings, from the section "Dashboard": defaults here, above them the appsettings files, above these
/// <c>dashboard.json</c> in the data folder (written by the settings page), above it the environment and the command line.
/// </summary>
public sealed class DashboardOptions
{
    public const string Section = "Dashboard";

    /// <summary>Where store, backups, keys and the sample live. Empty: the platform's own place for application data.</summary>
    public string DataFolder { get; set; } = "";

    /// <summary>What holds the dashboard's own store.</summary>
    public StoreEngine Store { get; set; } = StoreEngine.Sqlite;

    /// <summary>Where the store is on <see cref="StoreEngine.Postgres"/>: a connection string. It may hold a password, so it is neither shown nor logged.</summary>
    public string StoreConnection { get; set; } = "";

    /// <summary>Where backups go, a folder for each database. Empty: "backups" in the data folder.</summary>
    public string BackupFolder { get; set; } = "";

    public Compression Compression { get; set; } = Compression.Fast;

    /// <summary>Whether the sample database is made at the first start.</summary>
    public bool Sample { get; set; } = true;

    /// <summary>Runs at the same time.</summary>
    public int Workers { get; set; } = 2;

    /// <summary>How long a restore can be taken back with one click.</summary>
    public int UndoHours { get; set; } = 24;

    /// <summary>How long a deleted backup, or a removed registration, can be brought back.</summary>
    public int TrashDays { get; set; } = 30;

    /// <summary>How long the rows of a table may be counted for a plan before the count is called incomplete.</summary>
    public int CountSeconds { get; set; } = 10;

    /// <summary>How often the numbers of every database are read and kept.</summary>
    public int MetricsSeconds { get; set; } = 60;

    /// <summary>How often rows, and the rows and sizes of tables, are read and kept; they cost more.</summary>
    public int MetricsTableMinutes { get; set; } = 15;

    /// <summary>How long each sample is kept; after that there are hours and days.</summary>
    public int MetricsRawDays { get; set; } = 7;

    /// <summary>How long the lowest, highest and average of each hour are kept.</summary>
    public int MetricsHourlyDays { get; set; } = 400;

    /// <summary>How long the same of each day is kept.</summary>
    public int MetricsDailyYears { get; set; } = 10;

    /// <summary>How long the findings of health runs are kept.</summary>
    public int HealthDays { get; set; } = 400;

    /// <summary>How long the rows of a log stay where a new rule does not say otherwise; LOG_RETENTION_DAYS sets it too.</summary>
    public int LogRetentionDays { get; set; } = 90;

    /// <summary>The largest dump of somebody else's that is taken in, unpacked.</summary>
    public int ForeignGigabytes { get; set; } = 100;

    /// <summary>Folder of pg_dump and pg_restore, looked at before the usual places. Set by whoever runs the server, never on a page.</summary>
    public string PostgresTools { get; set; } = "";

    /// <summary>Every fault at once, each naming its key.</summary>
    public IReadOnlyList<string> FindFaults()
    {
        List<string> faults = [];
        Check(Workers is >= 1 and <= 16, nameof(Workers), "a number from 1 to 16");
        Check(UndoHours is >= 1 and <= 24 * 30, nameof(UndoHours), "hours from 1 to 720");
        Check(TrashDays is >= 1 and <= 365, nameof(TrashDays), "days from 1 to 365");
        Check(CountSeconds is >= 1 and <= 600, nameof(CountSeconds), "seconds from 1 to 600");
        Check(MetricsSeconds is >= 5 and <= 3600, nameof(MetricsSeconds), "seconds from 5 to 3600");
        Check(MetricsTableMinutes is >= 1 and <= 1440, nameof(MetricsTableMinutes), "minutes from 1 to 1440");
        Check(MetricsRawDays is >= 1 and <= 366, nameof(MetricsRawDays), "days from 1 to 366");
        Check(MetricsHourlyDays is >= 40 and <= 3660, nameof(MetricsHourlyDays), "days from 40 to 3660");
        Check(MetricsDailyYears is >= 2 and <= 100, nameof(MetricsDailyYears), "years from 2 to 100");
        Check(HealthDays is >= 90 and <= 3660, nameof(HealthDays), "days from 90 to 3660");
        Check(LogRetentionDays is >= 1 and <= 36_500, nameof(LogRetentionDays), "days from 1 to 36500");
        Check(ForeignGigabytes is >= 1 and <= 10_000, nameof(ForeignGigabytes), "GiB from 1 to 10000");
        Check(Enum.IsDefined(Compression), nameof(Compression), "None, Fast or Small");
        Check(PostgresTools.Length == 0 || Path.IsPathFullyQualified(PostgresTools), nameof(PostgresTools), "a full path");
        Check(Enum.IsDefined(Store), nameof(Store), "Sqlite or Postgres");
        Check(Store != StoreEngine.Postgres || StoreConnection.Length > 0, nameof(StoreConnection), "a connection string such as “Host=db;Database=dashboard;Username=dashboard” where the store is on Postgres");

        // Who gives only one of the two would look for the server's content in an empty store.
        Check(Store != StoreEngine.Sqlite || StoreConnection.Length == 0, nameof(StoreConnection), $"left out, or {Section}:{nameof(Store)} be Postgres");
        Check(BackupFolder.Length == 0 || Path.IsPathFullyQualified(BackupFolder), nameof(BackupFolder), "a full path");
        Check(!Path.IsPathFullyQualified(BackupFolder) || SystemFolders.FaultOf(Path.TrimEndingDirectorySeparator(BackupFolder)) is null, nameof(BackupFolder), "a folder of its own, not one of the system");
        return faults;

        void Check(bool holds, string key, string wanted)
        {
            if (!holds)
            {
                faults.Add($"{Section}:{key} must be {wanted}.");
            }
        }
    }
}

/// <summary>What can hold the dashboard's own store.</summary>
public enum StoreEngine
{
    /// <summary>A file in the data folder.</summary>
    Sqlite,

    /// <summary>A database on a server.</summary>
    Postgres,
}

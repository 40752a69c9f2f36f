using Dashboard.Core.Configuration;

namespace Dashboard.Core.Metrics;

/// <summary>The names of what is measured. They are stored, so none is ever renamed.</summary>
public static class Metric
{
    /// <summary>All that a database takes on disk, bytes.</summary>
    public const string Size = "size";

    public const string File = "file";

    public const string Wal = "wal";

    /// <summary>Bytes of pages that are free inside the file.</summary>
    public const string Free = "free";

    public const string Pages = "pages";

    /// <summary>Rows of all tables together; no sample where one of them could not be told.</summary>
    public const string Rows = "rows";

    /// <summary>Rows of the table that <see cref="SeriesKey.Part"/> names.</summary>
    public const string TableRows = "table-rows";

    public const string TableData = "table-data";

    public const string TableIndex = "table-index";

    /// <summary>Free bytes of a disk. Belongs to the installation; <see cref="SeriesKey.Part"/> is the disk's mount point.</summary>
    public const string DiskFree = "disk-free";

    public const string DiskSize = "disk-size";

    /// <summary>What each round reads from <see cref="Databases.DatabaseState.Facts"/>, where an engine has it.</summary>
    internal static readonly IReadOnlyList<string> Facts = [File, Wal, Free, Pages];

    /// <summary>
    /// A table's number that has not changed is written once in these hours only: thousands of tables that rest would fill the store
    /// with the same number. So "nothing for six hours" means "the same", and only longer silence is a gap.
    /// </summary>
    internal static readonly TimeSpan RestingTable = TimeSpan.FromHours(6);

    public static bool IsOfTable(string metric) => metric is TableRows or TableData or TableIndex;

    /// <summary>Seconds between two samples of a series that misses none.</summary>
    internal static int Interval(string metric, DashboardOptions options) => metric switch
    {
        TableRows or TableData or TableIndex => (int)RestingTable.TotalSeconds,
        Rows => Math.Max(options.MetricsTableMinutes * 60, options.MetricsSeconds),
        _ => options.MetricsSeconds,
    };
}

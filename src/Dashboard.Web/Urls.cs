using Dashboard.Core.Databases;
using Dashboard.Core.Databases.Indexes;

namespace Dashboard.Web;

/// <summary>Every address of the product. Pages link through here, so that a feature needs to know no other.</summary>
public static class Urls
{
    public const string Fleet = "/";
    public const string AddDatabase = "/databases/add";
    public const string Database = "/databases/{Slug}";
    public const string Tables = "/databases/{Slug}/tables";
    public const string Table = "/databases/{Slug}/tables/{TableWord}";
    public const string Indexes = "/databases/{Slug}/indexes";
    public const string DatabaseBackups = "/databases/{Slug}/backups";
    public const string Maintenance = "/databases/{Slug}/maintenance";
    public const string Health = "/databases/{Slug}/health";
    public const string Retention = "/databases/{Slug}/maintenance/rows";
    public const string DatabaseActivity = "/databases/{Slug}/activity";
    public const string DatabaseSettings = "/databases/{Slug}/settings";
    public const string RestorePlan = "/databases/{Slug}/backups/{BackupId:guid}/restore";
    public const string Foreign = "/databases/{Slug}/backups/foreign";
    public const string Backups = "/backups";
    public const string Activity = "/activity";
    public const string Run = "/activity/{RunId:guid}";
    public const string Settings = "/settings";
    public const string InstallationHealth = "/health";
    public const string Open = "/open";
    public const string Live = "/health/live";
    public const string Ready = "/health/ready";
    public const string HealthExport = "/api/databases/{slug}/health";
    public const string InstallationHealthExport = "/api/health";
    public const string RowsPattern = "/api/rows/{id:guid}/download";
    public const string NotFound = "/not-found";
    public const string TablesExport = "/api/databases/{slug}/tables";
    public const string IndexesExport = "/api/databases/{slug}/indexes";
    public const string ForeignUploadPattern = "/api/databases/{slug}/foreign";
    public const string DownloadPattern = "/api/backups/{id:guid}/download";

    public static string ForDatabase(string slug) => $"/databases/{slug}";

    /// <summary>The database page right after it was added, with what is worth saying then.</summary>
    public static string ForAddedDatabase(string slug) => $"/databases/{slug}?added=true";

    public static string ForTables(string slug) => $"/databases/{slug}/tables";

    public static string ForTable(string slug, string table) => $"/databases/{slug}/tables/{AddressWord.Write(table)}";

    public static string ForIndexes(string slug) => $"/databases/{slug}/indexes";

    /// <summary>The indexes of one table.</summary>
    public static string ForIndexesOf(string slug, string table) => $"/databases/{slug}/indexes?filter={Uri.EscapeDataString(table)}";

    public static string ForTablesExport(string slug, string format, TableQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return $"/api/databases/{slug}/tables?format={format}&sort={query.Word}&desc={(query.IsDescending ? "true" : "false")}&filter={Uri.EscapeDataString(query.Filter)}";
    }

    public static string ForIndexesExport(string slug, string format, IndexQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return $"/api/databases/{slug}/indexes?format={format}&sort={query.Word}&desc={(query.IsDescending ? "true" : "false")}&needless={(query.IsNeedless ? "true" : "false")}&filter={Uri.EscapeDataString(query.Filter)}";
    }

    public static string ForDatabaseBackups(string slug) => $"/databases/{slug}/backups";

    public static string ForMaintenance(string slug) => $"/databases/{slug}/maintenance";

    public static string ForHealth(string slug) => $"/databases/{slug}/health";

    public static string ForHealthExport(string slug) => $"/api/databases/{slug}/health";

    /// <summary>How long rows stay.</summary>
    /// <param name="table">Whose rule is open in the form: an existing one or a new one; null for none.</param>
    public static string ForRetention(string slug, string? table = null) => $"/databases/{slug}/maintenance/rows{(table is null ? "" : $"?table={Uri.EscapeDataString(table)}")}";

    public static string ForRows(Guid archiveId) => $"/api/rows/{archiveId:D}/download";

    public static string ForDatabaseActivity(string slug) => $"/databases/{slug}/activity";

    public static string ForDatabaseSettings(string slug) => $"/databases/{slug}/settings";

    public static string ForRestorePlan(string slug, Guid backupId) => $"/databases/{slug}/backups/{backupId:D}/restore";

    /// <param name="dump">The one that was given; null to give one.</param>
    public static string ForForeign(string slug, Guid? dump = null) => $"/databases/{slug}/backups/foreign{(dump is null ? "" : $"?dump={dump:D}")}";

    public static string ForForeignUpload(string slug) => $"/api/databases/{slug}/foreign";

    public static string ForRun(Guid runId) => $"/activity/{runId:D}";

    public static string ForDownload(Guid backupId) => $"/api/backups/{backupId:D}/download";

    /// <summary>"Add database" with the path filled in.</summary>
    public static string ForAddDatabase(string location) => $"{AddDatabase}?location={Uri.EscapeDataString(location)}";
}

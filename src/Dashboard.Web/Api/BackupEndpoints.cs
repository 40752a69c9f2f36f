using Dashboard.Core.Backups;
using Dashboard.Core.Retention;
using Dashboard.Web.Hosting;

namespace Dashboard.Web.Api;

internal static class BackupEndpoints
{
    public static void MapBackups(this WebApplication app)
    {
        app.MapGet(Urls.DownloadPattern, DownloadAsync);
        app.MapGet(Urls.RowsPattern, DownloadRowsAsync);
    }

    /// <summary>Streams a backup file as it lies on disk; can be resumed.</summary>
    private static async Task<IResult> DownloadAsync(Guid id, ReadBackups backups, Viewer viewer, HttpContext context, CancellationToken cancellationToken)
    {
        if (await backups.FindDownloadAsync(viewer.Actor, id, cancellationToken) is not { } file)
        {
            return Results.NotFound("This backup is not there any more.");
        }

        return Send(file, context);
    }

    /// <summary>The same of a file of removed rows.</summary>
    private static async Task<IResult> DownloadRowsAsync(Guid id, ReadRowRules rules, Viewer viewer, HttpContext context, CancellationToken cancellationToken) =>
        await rules.FindDownloadAsync(viewer.Actor, id, cancellationToken) is { } file ? Send(file, context) : Results.NotFound("This file is not there any more.");

    private static IResult Send((string Path, string Name) file, HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return Results.File(file.Path, "application/octet-stream", file.Name, enableRangeProcessing: true);
    }
}

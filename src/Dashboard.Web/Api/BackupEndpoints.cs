using Dashboard.Core.Backups;
using Dashboard.Web.Hosting;

namespace Dashboard.Web.Api;

internal static class BackupEndpoints
{
    public static void MapBackups(this WebApplication app) => app.MapGet(Urls.DownloadPattern, DownloadAsync);

    /// <summary>Streams a backup file as it lies on disk; can be resumed.</summary>
    private static async Task<IResult> DownloadAsync(Guid id, ReadBackups backups, Viewer viewer, HttpContext context, CancellationToken cancellationToken)
    {
        if (await backups.FindDownloadAsync(viewer.Actor, id, cancellationToken) is not { } file)
        {
            return Results.NotFound("This backup is not there any more.");
        }

        context.Response.Headers.CacheControl = "no-store";
        return Results.File(file.Path, "application/octet-stream", file.Name, enableRangeProcessing: true);
    }
}

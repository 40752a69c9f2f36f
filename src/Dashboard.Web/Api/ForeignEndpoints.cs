using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Fleet;
using Dashboard.Core.Jobs;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Http.Features;

namespace Dashboard.Web.Api;

/// <summary>Takes in a dump as one stream of bytes.</summary>
internal static class ForeignEndpoints
{
    private const string Bytes = "application/octet-stream";

    public static void MapForeign(this WebApplication app) => app.MapPost(Urls.ForeignUploadPattern, UploadAsync);

    private static async Task<IResult> UploadAsync(string slug, string? name, ReadFleet fleet, StageForeign staging, Viewer viewer, HttpContext context, CancellationToken cancellationToken)
    {
        // No form of another site can send this type, and its scripts would have to ask first, which nobody answers.
        if (context.Request.ContentType != Bytes || context.Request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin"))
        {
            return Results.Problem(title: $"Send the file as {Bytes}, from a page of this dashboard.", statusCode: StatusCodes.Status415UnsupportedMediaType);
        }

        if (await fleet.FindAsync(viewer.Actor, slug, cancellationToken) is not { Database: var database })
        {
            return Results.Problem(title: "There is no such database.", statusCode: StatusCodes.Status404NotFound);
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = staging.MaxBytes;
        }

        try
        {
            return Results.Ok(new { (await staging.FromStreamAsync(viewer.Actor, database.Id, name ?? "", context.Request.Body, cancellationToken)).Id });
        }
        catch (BadHttpRequestException cut)
        {
            return Results.Problem(title: $"The upload was not taken: {cut.Message}", detail: $"At most {Words.Bytes(staging.MaxBytes)} are taken in.", statusCode: cut.StatusCode);
        }
        catch (Exception fault) when (fault is DatabaseException or IOException or UnauthorizedAccessException)
        {
            var (problem, next) = FaultWords.Of(fault);
            return Results.Problem(title: problem, detail: next, statusCode: StatusCodes.Status422UnprocessableEntity);
        }
    }
}

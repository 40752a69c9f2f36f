using System.Text;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Databases.Indexes;
using Dashboard.Core.Fleet;
using Dashboard.Core.Jobs;
using Dashboard.Core.Metrics;
using Dashboard.Web.Hosting;

namespace Dashboard.Web.Api;

/// <summary>The tables and indexes of a database, as their pages show them and with the same filters, all pages at once.</summary>
internal static class TableEndpoints
{
    private static readonly string[] TableHeads =
        ["table", "rows", "rows_exact", "rows_at", "data_bytes", "data_exact", "data_at", "index_bytes", "index_exact", "index_at", "indexes", "share", "rows_changed_at", "rows_in_7_days", "rows_in_30_days"];

    private static readonly string[] IndexHeads =
        ["index", "table", "columns", "unique", "where", "origin", "bytes", "bytes_exact", "bytes_at", "rows_per_value", "purpose", "verdict", "reason"];

    public static void MapTables(this WebApplication app)
    {
        app.MapGet(Urls.TablesExport, ExportTablesAsync);
        app.MapGet(Urls.IndexesExport, ExportIndexesAsync);
    }

    private static async Task<IResult> ExportTablesAsync(
        string slug, string? format, string? sort, bool? desc, string? filter, ReadFleet fleet, LiveTables live, ReadSizes sizes, ReadGrowth growth, Viewer viewer, HttpContext context, CancellationToken cancellationToken)
    {
        if (await fleet.FindAsync(viewer.Actor, slug, cancellationToken) is not { Database: var database })
        {
            return NoSuchDatabase(slug);
        }

        var reading = await live.ReadAsync(viewer.Actor, database, cancellationToken);
        if (reading is not { Value: { } list, Fault: null })
        {
            return NotReadable(reading.Fault);
        }

        var backup = await sizes.LastAsync(viewer.Actor, database.Id, cancellationToken);
        var growths = await growth.OfTablesAsync(viewer.Actor, database.Id, Metric.TableRows, cancellationToken);
        var lines = TableQuery.Read(sort, desc, filter, null).Arrange(TableGrowth.Join(DescribeTables.Of(list, backup, table => live.Of(database.Id, table)), growths));
        return Send(context, format, $"{slug}-tables", lines, TableHeads, line =>
        [
            line.Name, line.Rows?.Value, line.Rows?.IsExact, line.Rows?.At, line.DataBytes?.Value, line.DataBytes?.IsExact, line.DataBytes?.At,
            line.IndexBytes?.Value, line.IndexBytes?.IsExact, line.IndexBytes?.At, line.IndexCount, line.Share is { } share ? Math.Round(share, 4) : null, line.Change?.SeenAt, line.WeekRows, line.MonthRows,
        ]);
    }

    private static async Task<IResult> ExportIndexesAsync(
        string slug, string? format, string? sort, bool? desc, string? filter, bool? needless, ReadFleet fleet, LiveIndexes live, ReadSizes sizes, Viewer viewer, HttpContext context, CancellationToken cancellationToken)
    {
        if (await fleet.FindAsync(viewer.Actor, slug, cancellationToken) is not { Database: var database })
        {
            return NoSuchDatabase(slug);
        }

        var reading = await live.ReadAsync(viewer.Actor, database, cancellationToken);
        if (reading is not { Value: { } list, Fault: null })
        {
            return NotReadable(reading.Fault);
        }

        var backup = await sizes.LastAsync(viewer.Actor, database.Id, cancellationToken);
        var lines = IndexQuery.Read(sort, desc, filter, needless, null).Arrange(IndexLine.Of(list, backup));
        return Send(context, format, $"{slug}-indexes", lines, IndexHeads, line =>
        [
            line.Index.Name, line.Index.Table, string.Join(", ", line.Index.Columns.Select(column => column.Text)), line.Index.IsUnique, line.Index.Where, line.Index.Origin.ToString(),
            line.Bytes?.Value, line.Bytes?.IsExact, line.Bytes?.At, line.Index.RowsPerValue, line.Use.Purpose, line.Use.Verdict.ToString(), line.Use.Reason,
        ]);
    }

    /// <summary>JSON unless CSV is asked for; the same names and values in both.</summary>
    private static IResult Send<T>(HttpContext context, string? format, string name, IEnumerable<T> lines, string[] heads, Func<T, object?[]> cells)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (string.Equals(format, "csv", StringComparison.OrdinalIgnoreCase))
        {
            return Results.File(Encoding.UTF8.GetBytes(Csv.Write(heads, lines.Select(cells))), "text/csv; charset=utf-8", $"{name}.csv");
        }

        return format is null || string.Equals(format, "json", StringComparison.OrdinalIgnoreCase)
            ? Results.Json(lines.Select(line => heads.Zip(cells(line)).ToDictionary(pair => pair.First, pair => pair.Second)))
            : Results.Problem($"There is no format “{format}”; ask for csv or json.", statusCode: StatusCodes.Status400BadRequest);
    }

    private static IResult NoSuchDatabase(string slug) => Results.Problem($"No database is registered under “{slug}”.", statusCode: StatusCodes.Status404NotFound);

    private static IResult NotReadable(Exception? fault)
    {
        var (problem, next) = fault is null ? ("It could not be read.", null) : FaultWords.Of(fault);
        return Results.Problem($"{problem} {next}".Trim(), statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}

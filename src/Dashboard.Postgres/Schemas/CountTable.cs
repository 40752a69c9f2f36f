using System.Diagnostics.CodeAnalysis;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Schemas;

/// <summary>Counts one table to its end, telling how far it is. The connection is its own: it may take hours, and cancelled it is closed.</summary>
internal static class CountTable
{
    /// <summary>128 MiB: a look at the progress several times a second.</summary>
    private const long PagesOfOne = 16_384;

    /// <summary>Since then a part of a table is found by its pages; before, each part would read all of it.</summary>
    private const int VersionWithRanges = 14;

    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(1);

    public static async Task<Measure> RunAsync(PostgresLocation at, Watching watching, string table, RunProgress progress, TimeProvider time, CancellationToken cancellationToken)
    {
        var password = await watching.FindPasswordAsync(at, cancellationToken);
        await using var connection = await PostgresConnections.OpenAsync(at, password, null, cancellationToken, name: PostgresConnections.CountingName);
        var known = await Catalogue.FindAsync(connection, table, at, cancellationToken);
        try
        {
            return await Snapshot.InAsync(connection, () => CountAsync(connection, known, at, progress, time, cancellationToken), cancellationToken);
        }
        catch (PostgresException gone) when (gone.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            throw Catalogue.Missing(table, at);
        }
        catch (PostgresException locked) when (locked.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw Locks.Busy(table, locked);
        }
    }

    private static async Task<Measure> CountAsync(NpgsqlConnection connection, CatalogueTable table, PostgresLocation at, RunProgress progress, TimeProvider time, CancellationToken cancellationToken)
    {
        // The snapshot is taken by the first question, the moment of the count lies before it.
        var now = time.GetUtcNow();
        await connection.ExecuteAsync($"SET LOCAL lock_timeout = {SessionSettings.Milliseconds(LockPatience)}; {CountTables.AllRowsOrNone}", cancellationToken);
        if (!table.IsPopulated)
        {
            progress.Phase("Counting", 0);
            return new Measure(0, IsExact: true, now);
        }

        if (table.IsPartitioned)
        {
            // Each partition is read for itself by the server; where it is can't be told.
            progress.Phase("Counting");
            return new Measure(await connection.AskAsync<long>($"SELECT count(*) FROM {table.Name.ToSql()}", cancellationToken), IsExact: true, now);
        }

        var (bytes, pageSize, isHeap) = await ReadSizeAsync(connection, table, at, cancellationToken);
        progress.Phase("Counting", bytes);
        if (!isHeap || connection.PostgreSqlVersion.Major < VersionWithRanges)
        {
            return new Measure(await CountAsync(connection, table, "", cancellationToken), IsExact: true, now);
        }

        var rows = 0L;
        for (var page = 0L; page == 0 || page * pageSize < bytes; page += PagesOfOne)
        {
            // The last part is open: what was added meanwhile is not of this moment and not seen.
            var isLast = (page + PagesOfOne) * pageSize >= bytes;
            rows += await CountAsync(connection, table, $" WHERE ctid >= '({page},0)'" + (isLast ? "" : $" AND ctid < '({page + PagesOfOne},0)'"), cancellationToken);
            progress.Report(Math.Min(bytes, (page + PagesOfOne) * pageSize));
        }

        return new Measure(rows, IsExact: true, now);
    }

    [SuppressMessage("Security", "CA2100", Justification = "A name can't be a parameter; it is quoted.")]
    private static Task<long> CountAsync(NpgsqlConnection connection, CatalogueTable table, string part, CancellationToken cancellationToken) =>
        connection.AskAsync<long>($"SELECT count(*) FROM ONLY {table.Name.ToSql()}{part}", cancellationToken);

    /// <exception cref="TableMissingException">When it was dropped since it was found.</exception>
    private static async Task<(long Bytes, long PageSize, bool IsHeap)> ReadSizeAsync(NpgsqlConnection connection, CatalogueTable table, PostgresLocation at, CancellationToken cancellationToken)
    {
        var sizes = await connection.ListAsync(
            $"SELECT pg_relation_size(c.oid), {Catalogue.PageSize}, a.amname = 'heap' FROM pg_class c JOIN pg_am a ON a.oid = c.relam WHERE c.oid = $1::bigint::oid",
            row => (row.IsDBNull(0) ? 0 : row.GetInt64(0), row.GetInt64(1), row.GetBoolean(2)),
            cancellationToken,
            (long)table.Oid);
        return sizes is [var one] ? one : throw Catalogue.Missing(table.Name.ToString(), at);
    }
}

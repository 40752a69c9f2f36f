using System.Text.Json;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.Restores;

/// <summary>
/// What tells after a fault whether a restore in place has happened. It replaces every table of the archive by one with another number, in one transaction:
/// one of them is enough to look at.
/// </summary>
/// <param name="Application">Of its sessions, which must have ended before anything can be told.</param>
/// <param name="Old">A table of before that the archive has too; null when there was none.</param>
/// <param name="New">Otherwise a table that only the archive has; null when there is none either, and nothing can be told.</param>
internal sealed record InPlaceMark(string Application, uint? Old, string? New)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public string ToJson() => JsonSerializer.Serialize(this);

    /// <summary>Null when it is none of ours.</summary>
    public static InPlaceMark? Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<InPlaceMark>(json) is { Application: not null } mark ? mark : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <param name="archive">What the archive holds; null when it was not counted.</param>
    public static async Task<InPlaceMark> OfAsync(NpgsqlConnection connection, string application, IReadOnlyList<TableRows>? archive, CancellationToken cancellationToken)
    {
        var live = (await Catalogue.ReadAsync(connection, cancellationToken)).ToDictionary(table => table.Name.ToString(), table => table.Oid, StringComparer.Ordinal);
        var names = (archive ?? []).Select(table => table.Table).ToList();
        var old = names.Find(live.ContainsKey);
        return new InPlaceMark(application, old is null ? null : live[old], old is null ? names.FirstOrDefault() : null);
    }

    /// <summary>In a session of the database itself.</summary>
    public async Task<RestoreTrace> TraceAsync(NpgsqlConnection connection, TimeProvider time, CancellationToken cancellationToken)
    {
        // It may be about to commit: what is told here must not change afterwards.
        while (await connection.AskAsync<long>("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = $1", cancellationToken, Application) > 0)
        {
            await Task.Delay(Pause, time, cancellationToken);
        }

        return Old is { } old ? await connection.AskAsync<bool>("SELECT EXISTS (SELECT FROM pg_class WHERE oid::bigint = $1)", cancellationToken, (long)old) ? RestoreTrace.NotCommitted : RestoreTrace.Committed
            : New is { } name ? await ExistsAsync(connection, TableName.Parse(name), cancellationToken) ? RestoreTrace.Committed : RestoreTrace.NotCommitted
            : RestoreTrace.Unknown;
    }

    private static Task<bool> ExistsAsync(NpgsqlConnection connection, TableName table, CancellationToken cancellationToken) =>
        connection.AskAsync<bool>("SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2)", cancellationToken, table.Schema, table.Name);
}

using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;

namespace Dashboard.Postgres.Restores;

/// <summary>The databases that restores have set aside.</summary>
internal static class Kept
{
    public static ContentPlace Place(PostgresLocation at, DateTimeOffset now) => ContentPlace.Beside(Names.Beside(at.Database, Names.Before, now));

    public static async Task<IReadOnlyList<KeptContent>> ListAsync(PostgresLocation at, Watching watching, CancellationToken cancellationToken)
    {
        await using var connection = await MaintenanceDatabase.OpenAsync(at, watching, cancellationToken, TimeSpan.FromSeconds(10));
        var found = await connection.ListAsync(
            "SELECT datname::text, CASE WHEN has_database_privilege(oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE') THEN pg_database_size(oid) ELSE 0 END FROM pg_database WHERE strpos(datname, '__') > 0 ORDER BY datname",
            reader => (Name: reader.GetString(0), Bytes: reader.GetInt64(1)),
            cancellationToken);
        return [.. found.Where(database => Names.IsKeptOf(at.Database, database.Name)).Select(database => new KeptContent(ContentPlace.Beside(database.Name), database.Bytes))];
    }

    /// <summary>What restores were building when they were killed.</summary>
    public static async Task<bool> SweepAsync(PostgresLocation at, Watching watching, CancellationToken cancellationToken)
    {
        var beside = await watching.AskServerAsync(at, connection => connection.ListAsync("SELECT datname::text FROM pg_database WHERE strpos(datname, '__restore_') > 0 OR strpos(datname, '__unfinished_') > 0", reader => reader.GetString(0), cancellationToken), cancellationToken);
        var names = beside.Where(name => Names.IsUnfinishedOf(at.Database, name) || Names.IsUnfinishedCopyOf(at.Database, name)).ToList();
        if (names.Count > 0)
        {
            await using var connection = await MaintenanceDatabase.OpenAsync(at, watching, cancellationToken);
            foreach (var name in names)
            {
                await MaintenanceDatabase.DropAsync(connection, at, watching, name, cancellationToken);
            }
        }

        return names.Count > 0;
    }

    public static async Task<bool> DropAsync(PostgresLocation at, ContentPlace kept, Watching watching, CancellationToken cancellationToken)
    {
        if (kept.Kind != ContentKind.Beside || !Names.IsKeptOf(at.Database, kept.Name))
        {
            throw new DatabaseException($"{kept.Name} was not set aside by a restore of {at.Database}.", "Drop it by hand if it is really not wanted.");
        }

        await using var connection = await MaintenanceDatabase.OpenAsync(at, watching, cancellationToken);
        await MaintenanceDatabase.DropAsync(connection, at, watching, kept.Name, cancellationToken);
        return true;
    }
}

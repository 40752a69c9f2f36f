using Dashboard.Postgres.Backups;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Restores;

/// <summary>How the database that becomes live follows again, in statements that can be run as they are. Read from what is really in it.</summary>
internal static class AdviseOnSubscriptions
{
    /// <param name="name">The database that is about to become live.</param>
    public static async Task<IReadOnlyList<string>> RunAsync(NpgsqlConnection maintenance, PostgresLocation at, string name, Watching watching, CancellationToken cancellationToken)
    {
        var coming = await Subscriptions.ReadAsync(maintenance, name, cancellationToken);
        var going = await Subscriptions.ReadAsync(maintenance, at.Database, cancellationToken);
        var known = coming.Count == 0 ? [] : await ReadKnownAsync(at, name, watching, cancellationToken);
        return
        [
            .. coming.Where(one => !one.IsEnabled).Select(one => Back(at, one, known.Contains(one.Name))),
            .. going.Where(one => one.Slot is not null && !coming.Exists(other => other.Name == one.Name)).Select(one => Missing(at, one)),
        ];
    }

    private static string Back(PostgresLocation at, Subscription one, bool knowsTables) =>
        one.Slot is null ? $"The subscription {one.Name} is back, disabled. It names no replication slot: give it one before you enable it."
        : knowsTables ? $"The subscription {one.Name} is back, disabled; its slot keeps what is published. To follow again, run in {at.Database}: {one.EnableSteps}"
        : $"The subscription {one.Name} is back, disabled and without tables, because the publishing server did not answer. To follow again, run one by one in {at.Database}: {string.Join(" ", one.LearnTablesSteps)} {one.EnableSteps}";

    private static string Missing(PostgresLocation at, Subscription one) =>
        $"The subscription {one.Name} stays, disabled, in the previous database; its slot {one.Slot} keeps what is published. To follow again, run as a superuser in {at.Database}: {one.CreateSteps}";

    /// <summary>Those that know tables of theirs.</summary>
    private static async Task<List<string>> ReadKnownAsync(PostgresLocation at, string name, Watching watching, CancellationToken cancellationToken)
    {
        await using var inside = await PostgresConnections.OpenAsync(at, await watching.FindPasswordAsync(at, cancellationToken), TimeSpan.FromSeconds(10), cancellationToken, name);
        return await inside.ListAsync(
            """
            SELECT s.subname::text
            FROM pg_subscription_rel r
            JOIN pg_stat_subscription s ON s.subid = r.srsubid
            GROUP BY 1
            """,
            reader => reader.GetString(0),
            cancellationToken);
    }
}

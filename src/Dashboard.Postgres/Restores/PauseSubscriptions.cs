using Dashboard.Core.Databases;
using Dashboard.Postgres.Backups;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Restores;

/// <summary>
/// The database that is set aside stops following before it is set aside: two databases with one slot would share out what is published between them.
/// </summary>
/// <param name="live">The number of the database that is live now; whatever else bears its name later is not touched.</param>
/// <param name="names">Of its subscriptions that are enabled.</param>
internal sealed class PauseSubscriptions(PostgresLocation at, Watching watching, uint live, IReadOnlyList<string> names)
{
    /// <summary>A worker looks once a second whether it is still wanted. One that stays longer is ended with the other sessions.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public IReadOnlyList<string> Names => names;

    /// <exception cref="DatabaseException">When one follows that this login may not disable; with the steps.</exception>
    public static async Task<PauseSubscriptions> PlanAsync(NpgsqlConnection maintenance, PostgresLocation at, uint live, Watching watching, CancellationToken cancellationToken)
    {
        var following = (await Subscriptions.ReadAsync(maintenance, at.Database, cancellationToken)).Where(one => one.IsEnabled).ToList();
        return FindBlocker(at, following) is { } blocker
            ? throw new DatabaseException(blocker.Problem, blocker.NextStep)
            : new PauseSubscriptions(at, watching, live, [.. following.Select(one => one.Name)]);
    }

    /// <summary>Null when each can be disabled by this login.</summary>
    public static (string Problem, string NextStep)? FindBlocker(PostgresLocation at, IEnumerable<Subscription> subscriptions)
    {
        var others = subscriptions.Where(one => one is { IsEnabled: true, MayAlter: false }).ToList();
        return others.Count == 0
            ? null
            : ($"The subscription {others[0].Name} of {at.Database} must be disabled before a restore, and {at.User} may not do that.",
                $"Run as {others[0].Owner} or a superuser in {at.Database}: {string.Join(" ", others.Select(one => $"ALTER SUBSCRIPTION {one.Quoted} DISABLE;"))} Its slot keeps what is published meanwhile.");
    }

    public async Task PauseAsync(NpgsqlConnection maintenance, CancellationToken cancellationToken)
    {
        if (names.Count == 0)
        {
            return;
        }

        await AlterAsync("DISABLE", cancellationToken);
        var began = watching.Time.GetTimestamp();
        while (watching.Time.GetElapsedTime(began) < Patience && await IsFollowingAsync(maintenance, cancellationToken))
        {
            await Task.Delay(Pause, watching.Time, cancellationToken);
        }
    }

    /// <summary>After names that did not change; where they did, it does nothing.</summary>
    public Task ResumeAsync(CancellationToken cancellationToken) => names.Count == 0 ? Task.CompletedTask : AlterAsync("ENABLE", cancellationToken);

    private async Task AlterAsync(string word, CancellationToken cancellationToken)
    {
        await using var inside = await PostgresConnections.OpenAsync(at, await watching.FindPasswordAsync(at, cancellationToken), Patience, cancellationToken);
        if (!await inside.AskAsync<bool>("SELECT EXISTS (SELECT FROM pg_database WHERE datname = current_database() AND oid::bigint = $1)", cancellationToken, (long)live))
        {
            return;
        }

        foreach (var subscription in await Subscriptions.ReadAsync(inside, at.Database, cancellationToken))
        {
            if (names.Contains(subscription.Name))
            {
                await inside.ExecuteAsync($"ALTER SUBSCRIPTION {subscription.Quoted} {word}", cancellationToken);
            }
        }
    }

    private Task<bool> IsFollowingAsync(NpgsqlConnection maintenance, CancellationToken cancellationToken) => maintenance.AskAsync<bool>(
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datid::bigint = $1 AND backend_type LIKE 'logical replication%')",
        cancellationToken,
        (long)live);
}

using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Tools;
using Npgsql;

namespace Dashboard.Postgres.Backups;

/// <summary>Subscriptions of a database: what they hold to connect with only a superuser may read, and for long only a superuser could make one.</summary>
internal static class Subscriptions
{
    public static Task<List<string>> ListAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.ListAsync("SELECT subname::text FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 1", reader => reader.GetString(0), cancellationToken);

    /// <summary>Those of any database of the server.</summary>
    public static Task<List<Subscription>> ReadAsync(NpgsqlConnection connection, string database, CancellationToken cancellationToken) => connection.ListAsync(
        """
        SELECT s.subname::text, s.subslotname::text, s.subpublications, s.subenabled, pg_get_userbyid(s.subowner)::text,
               pg_has_role(s.subowner, 'USAGE')
        FROM pg_subscription s
        JOIN pg_database d ON d.oid = s.subdbid
        WHERE d.datname = $1
        ORDER BY 1
        """,
        reader => new Subscription(
            reader.GetString(0),
            reader.IsDBNull(1) ? null : reader.GetString(1),
            reader.GetFieldValue<string[]>(2),
            reader.GetBoolean(3),
            reader.GetString(4),
            reader.GetBoolean(5)),
        cancellationToken,
        database);

    /// <summary>What pg_dump and the server say without a name and is told here with one.</summary>
    public static bool IsTold(string warning) =>
        warning.StartsWith("subscriptions not dumped", StringComparison.Ordinal) || warning.StartsWith("tables were not subscribed", StringComparison.Ordinal);

    /// <summary>Those that an archive holds.</summary>
    public static async Task<IReadOnlyList<string>> InArchiveAsync(string file, ToolSet tools, CancellationToken cancellationToken)
    {
        using var tool = RunTool.Start(tools, "pg_restore", ["--list", file]);
        List<string> names = [];
        while (await tool.Process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            // "3456; 6100 16412 SUBSCRIPTION - news postgres"; what cannot be listed, the restore itself will complain of.
            var at = line.IndexOf(" SUBSCRIPTION - ", StringComparison.Ordinal);
            if (at > 0 && line[0] != ';')
            {
                var rest = line[(at + " SUBSCRIPTION - ".Length)..];
                names.Add(rest[..Math.Max(0, rest.LastIndexOf(' '))]);
            }
        }

        await tool.WaitAsync(cancellationToken);
        return names;
    }

    /// <summary>Whether this login may make one.</summary>
    public static Task<bool> MayMakeAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => connection.AskAsync<bool>(
        "SELECT rolsuper OR EXISTS (SELECT FROM pg_roles own WHERE own.rolname = 'pg_create_subscription' AND pg_has_role(own.oid, 'USAGE')) FROM pg_roles WHERE rolname = current_user",
        cancellationToken);

    /// <summary>
    /// A database with a subscription can't be dropped. The slot on the publishing server stays: the restored database may follow it by the same name.
    /// </summary>
    public static async Task RemoveAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        foreach (var name in await ListAsync(connection, cancellationToken))
        {
            var quoted = Schemas.TableName.Quote(name);
            await connection.ExecuteAsync($"ALTER SUBSCRIPTION {quoted} DISABLE", cancellationToken);
            await connection.ExecuteAsync($"ALTER SUBSCRIPTION {quoted} SET (slot_name = NONE)", cancellationToken);
            await connection.ExecuteAsync($"DROP SUBSCRIPTION {quoted}", cancellationToken);
        }
    }

    /// <summary>Why a restore into the live database itself can't be while it follows; null when it does not.</summary>
    public static (string Problem, string NextStep)? BlockInPlace(PostgresLocation at, IReadOnlyList<Subscription> subscriptions) => subscriptions.Count == 0
        ? null
        : ($"{at.Database} has the subscription {subscriptions[0].Name}, and the tables that a restore in place replaces would leave it: what is published to them would be lost.",
            $"Give another login that may create databases, or remove it first, as {subscriptions[0].Owner} or a superuser in {at.Database}: {string.Join(" ", subscriptions.Select(one => one.RemoveSteps))}");

    public static string LeftOut(string name, string user) => $"The subscription {name} was left out: {user} may not make one.";

    public static string LeftOutOfCopy(string name) => $"The subscription {name} was left out of the copy: one database is to take what is published, and that is the live one.";
}

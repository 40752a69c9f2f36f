using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Health;

/// <summary>How many of the connections that the server allows are taken.</summary>
internal sealed class ConnectionsCheck(Watching watching) : PostgresCheck(watching)
{
    private const string Warn = "warn";
    private const string Fail = "fail";

    private const string Question =
        """
        SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
               current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint
        """;

    public override HealthDescription Description { get; } = new(
        "connections",
        "Connections",
        "How many connections of the whole server are taken, against those that applications may have. After the last one nobody is let in.",
        IsCritical: true)
    {
        NeedsOpenDatabase = true,
        Fields =
        [
            new HealthField(Warn, "Warn from", HealthFieldKind.Number, "80") { Unit = "% taken", Min = 1, Max = 100 },
            new HealthField(Fail, "Fail from", HealthFieldKind.Number, "95") { Unit = "% taken", Min = 1, Max = 100 },
        ],
    };

    protected override async Task<HealthAnswer> LookAsync(NpgsqlConnection connection, HealthValues values, CancellationToken cancellationToken)
    {
        var (taken, allowed) = (await connection.ListAsync(Question, row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken))[0];
        return HealthAnswer.By(
            100.0 * taken / allowed,
            values.Number(Warn),
            values.Number(Fail),
            $"{Words.Count(taken)} of {Words.Count(allowed, "connection")} are taken.",
            "Let applications share connections through a pool, close idle ones, or raise max_connections.");
    }
}

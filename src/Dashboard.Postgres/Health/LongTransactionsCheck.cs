using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Health;

/// <summary>Transactions that stay open: nothing that they could still see can be cleaned up, and what they have locked stays locked.</summary>
internal sealed class LongTransactionsCheck(Watching watching) : PostgresCheck(watching)
{
    private const string Warn = "warn";
    private const string Fail = "fail";

    /// <summary>Open and prepared ones of this database, longest first. Those of others are seen without what they do where the login may not know.</summary>
    private const string Question =
        """
        SELECT extract(epoch FROM now() - since)::float8, who
        FROM (
            SELECT xact_start AS since,
                   coalesce(nullif(application_name, ''), usename::text, backend_type) || ' (process ' || pid || coalesce(', ' || state, '') || ')' AS who
            FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND backend_type = 'client backend'
            UNION ALL
            SELECT prepared, 'the prepared transaction ' || quote_literal(gid)
            FROM pg_prepared_xacts
            WHERE database = current_database()) AS open
        ORDER BY since
        LIMIT 3
        """;

    public override HealthDescription Description { get; } = new(
        "long-transactions",
        "Long transactions",
        "The transaction that is open longest, prepared ones included. Rows that it could still see can't be cleaned up before it ends, and tables grow.",
        IsCritical: false)
    {
        NeedsOpenDatabase = true,
        Fields =
        [
            new HealthField(Warn, "Warn from", HealthFieldKind.Number, "60") { Unit = "minutes", Min = 1 },
            new HealthField(Fail, "Fail from", HealthFieldKind.Number, "720") { Unit = "minutes", Min = 1 },
        ],
    };

    protected override async Task<HealthAnswer> LookAsync(NpgsqlConnection connection, HealthValues values, CancellationToken cancellationToken)
    {
        var open = await connection.ListAsync(Question, row => (Time: TimeSpan.FromSeconds(Math.Max(0, row.GetDouble(0))), Who: row.GetString(1)), cancellationToken);
        return open.Count == 0
            ? HealthAnswer.Pass("No transaction is open.")
            : HealthAnswer.By(
                open[0].Time.TotalMinutes,
                values.Number(Warn),
                values.Number(Fail),
                $"The longest has been open for {Words.Duration(open[0].Time)}: {open[0].Who}.",
                "Look why the application keeps it open; end the session where nobody needs it (pg_terminate_backend), or roll a prepared one back.");
    }
}

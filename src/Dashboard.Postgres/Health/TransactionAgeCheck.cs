using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Health;

/// <summary>How near the server is to stop writing because its transaction ids run out (https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-WRAPAROUND).</summary>
internal sealed class TransactionAgeCheck(Watching watching) : PostgresCheck(watching)
{
    private const string Warn = "warn";
    private const string Fail = "fail";

    /// <summary>After so many the server takes no more writes: 2³¹ less a margin of three million.</summary>
    private const double Last = 2_144_483_648;

    private const string Question =
        """
        SELECT age(datfrozenxid)::bigint,
               mxid_age(datminmxid)::bigint,
               current_setting('autovacuum_freeze_max_age')::bigint
        FROM pg_database
        WHERE datname = current_database()
        """;

    public override HealthDescription Description { get; } = new(
        "xid-age",
        "Transaction-id age",
        "How many transactions have passed since the oldest row that was not frozen. Near two thousand million the server stops writing; autovacuum keeps it far below unless something holds it up.",
        IsCritical: true)
    {
        NeedsOpenDatabase = true,
        Fields =
        [
            new HealthField(Warn, "Warn from", HealthFieldKind.Number, "25") { Unit = "% of the limit", Min = 1, Max = 100 },
            new HealthField(Fail, "Fail from", HealthFieldKind.Number, "50") { Unit = "% of the limit", Min = 1, Max = 100 },
        ],
    };

    protected override async Task<HealthAnswer> LookAsync(NpgsqlConnection connection, HealthValues values, CancellationToken cancellationToken)
    {
        var (age, multi, freeze) = (await connection.ListAsync(Question, row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), cancellationToken))[0];
        var share = Math.Max(age, multi) / Last;
        return HealthAnswer.By(
            share * 100,
            values.Number(Warn),
            values.Number(Fail),
            $"The oldest transaction is {Words.Count(age)} ids old{(multi > age ? $", the oldest shared lock {Words.Count(multi)}" : "")}: {Words.Share(share)} of the limit. Autovacuum begins at {Words.Count(freeze)}.",
            "Look for long transactions, prepared ones and unused replication slots, which hold it up; then run a vacuum under Maintenance.");
    }
}

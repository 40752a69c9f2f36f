using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.Health;

/// <summary>Indexes that are written with each row and used by nobody, for their building was interrupted.</summary>
internal sealed class InvalidIndexesCheck(Watching watching) : PostgresCheck(watching)
{
    /// <summary>Not those that somebody is building at this moment.</summary>
    private const string Question =
        $"""
        SELECT n.nspname, i.relname, x.indisunique
        FROM pg_index x
        JOIN pg_class i ON i.oid = x.indexrelid
        JOIN pg_class c ON c.oid = x.indrelid
        JOIN pg_namespace n ON n.oid = i.relnamespace
        WHERE {Catalogue.IsOfUsers}
              AND NOT (x.indisvalid AND x.indisready)
              AND i.relkind = 'i'
              AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.relid = x.indrelid)
        ORDER BY n.nspname, i.relname
        """;

    public override HealthDescription Description { get; } = new(
        "invalid-indexes",
        "Invalid indexes",
        "Indexes whose building was interrupted: each row is written to them, and no query uses them. A unique one does not keep its promise.",
        IsCritical: false)
    {
        NeedsOpenDatabase = true,
    };

    protected override async Task<HealthAnswer> LookAsync(NpgsqlConnection connection, HealthValues values, CancellationToken cancellationToken)
    {
        var invalid = await connection.ListAsync(Question, row => (Name: new TableName(row.GetString(0), row.GetString(1)).ToString(), IsUnique: row.GetBoolean(2)), cancellationToken);
        return invalid.Count == 0
            ? HealthAnswer.Pass("Every index is valid.")
            : HealthAnswer.Warn(
                $"{Words.Count(invalid.Count, "index", "indexes")} {(invalid.Count == 1 ? "is" : "are")} invalid: {Words.List([.. invalid.Select(index => index.IsUnique ? $"{index.Name} (unique)" : index.Name)], 5)}.",
                "Rebuild the indexes under Maintenance, or drop those that nobody needs.");
    }
}

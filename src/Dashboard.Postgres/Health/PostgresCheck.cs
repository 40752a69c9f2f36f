using Dashboard.Core.Health;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Health;

/// <summary>What checks of PostgreSQL share: one of the two sessions that watch the server, and a person's words for what fails.</summary>
internal abstract class PostgresCheck(Watching watching) : IHealthCheck
{
    public abstract HealthDescription Description { get; }

    public Task<HealthAnswer> LookAsync(HealthQuestion question, CancellationToken cancellationToken) => PostgresEngine.InWordsAsync(
        question.Location,
        at => watching.AskAsync(at, connection => LookAsync(connection, question.Values, cancellationToken), cancellationToken),
        cancellationToken);

    protected abstract Task<HealthAnswer> LookAsync(NpgsqlConnection connection, HealthValues values, CancellationToken cancellationToken);
}

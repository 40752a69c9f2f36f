using Dashboard.Core.Health;
using Dashboard.Sqlite.Maintenance;

namespace Dashboard.Sqlite.Health;

/// <summary>What checks of SQLite share: a thread of their own, and a person's words for what fails.</summary>
internal abstract class SqliteCheck : IHealthCheck
{
    public abstract HealthDescription Description { get; }

    public Task<HealthAnswer> LookAsync(HealthQuestion question, CancellationToken cancellationToken) =>
        SqliteEngine.AskAsync(question.Location, () => Look(question.Location, question.Values, cancellationToken), cancellationToken);

    protected abstract HealthAnswer Look(string location, HealthValues values, CancellationToken cancellationToken);
}

/// <summary>A check of the pages and of what lies beside the file.</summary>
internal abstract class GroundCheck(TimeProvider time) : SqliteCheck
{
    protected override HealthAnswer Look(string location, HealthValues values, CancellationToken cancellationToken) =>
        Judge(Ground.Read(location, time, cancellationToken), values, cancellationToken);

    protected abstract HealthAnswer Judge(Ground ground, HealthValues values, CancellationToken cancellationToken);
}

using Dashboard.Core.Health;
using Dashboard.Sqlite.Maintenance;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Health;

/// <summary>How the database keeps its promises: the mode of the journal, and whether one was left by an application that was killed.</summary>
internal sealed class JournalCheck(TimeProvider time) : SqliteCheck
{
    private const string Mode = "mode";
    private const string Wal = "wal";
    private const string Rollback = "rollback";

    public override HealthDescription Description { get; } = new(
        "journal",
        "Journal mode",
        "Whether the journal is of the mode that you want, and whether an application that was stopped in the middle of a transaction left one behind.",
        IsCritical: false)
    {
        Fields = [new HealthField(Mode, "Mode", HealthFieldKind.Choice, "any") { Choices = [("any", "any"), (Wal, "WAL"), (Rollback, "rollback")] }],
        NeedsOpenDatabase = true,
    };

    protected override HealthAnswer Look(string location, HealthValues values, CancellationToken cancellationToken)
    {
        try
        {
            var isWal = Ground.Read(location, time, cancellationToken).IsWal;
            var evidence = isWal ? "WAL: writers and readers do not block each other." : "Rollback: a writer and its readers wait for each other.";
            return values.Text(Mode) == (isWal ? Rollback : Wal)
                ? HealthAnswer.Warn(evidence, $"Let the application set PRAGMA journal_mode = {(isWal ? "DELETE" : "WAL")}.")
                : HealthAnswer.Pass(evidence);
        }
        catch (SqliteException error) when (error.SqliteExtendedErrorCode == SqliteErrors.HotJournal)
        {
            var left = SqliteErrors.Explain(error, location);
            return HealthAnswer.Warn(left.Message, left.NextStep!);
        }
    }
}

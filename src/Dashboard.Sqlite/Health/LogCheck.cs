using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Sqlite.Maintenance;
using Dashboard.Sqlite.States;

namespace Dashboard.Sqlite.Health;

/// <summary>The size of the write-ahead log, and who has the database open: a reader that never ends keeps it growing.</summary>
internal sealed class LogCheck(TimeProvider time) : GroundCheck(time)
{
    private const string Warn = "warn";
    private const string Fail = "fail";
    private const long MiB = 1 << 20;

    public override HealthDescription Description { get; } = new(
        "wal",
        "Write-ahead log",
        "How large the log is, and who has the database open. SQLite empties the log by itself unless somebody reads all the time; a large one makes every reader slower and fills the disk.",
        IsCritical: false)
    {
        NeedsOpenDatabase = true,
        Fields =
        [
            new HealthField(Warn, "Warn from", HealthFieldKind.Number, "64") { Unit = "MiB", Min = 1 },
            new HealthField(Fail, "Fail from", HealthFieldKind.Number, "1024") { Unit = "MiB", Min = 1 },
        ],
    };

    protected override HealthAnswer Judge(Ground ground, HealthValues values, CancellationToken cancellationToken)
    {
        if (!ground.IsWal)
        {
            return HealthAnswer.Pass("This database keeps no write-ahead log.");
        }

        var users = FindUsers.Run(ground.Location, cancellationToken);
        var open = users switch
        {
            null => "Who has it open can't be told on this system.",
            [] => "No other process of this machine has it open.",
            _ => $"It is open in {Words.List([.. users.Select(user => $"{user.Name} (process {user.ProcessId})")], 5)}.",
        };
        return HealthAnswer.By(
            ground.LogBytes,
            values.Number(Warn) * MiB,
            values.Number(Fail) * MiB,
            $"The log {(ground.LogBytes == 0 ? "is empty" : $"holds {Words.Bytes(ground.LogBytes)}")}. {open}",
            "Look for a transaction that stays open in the application, then empty the log under Maintenance.");
    }
}

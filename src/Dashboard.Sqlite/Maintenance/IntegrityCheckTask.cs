using Dashboard.Core.Backups;
using Dashboard.Core.Maintenance;

namespace Dashboard.Sqlite.Maintenance;

/// <summary>All that SQLite can say of its own soundness (https://www.sqlite.org/pragma.html#pragma_integrity_check).</summary>
internal sealed class IntegrityCheckTask(TimeProvider time) : StructureCheck(time)
{
    public override MaintenanceDescription Description { get; } = new(
        "integrity-check",
        "Full integrity check",
        "Check the integrity of {0}",
        "Reads every page, and compares every index entry with its row, unique and NOT NULL rules included. Compares full-text indexes with their rows. CHECK rules are not tested.",
        "Nobody waits in WAL mode. In rollback mode whoever writes waits until it is done.",
        "Room among the temporary files for a full-text index of another table. Several times as long as the quick check.");

    protected override CheckDepth Depth => CheckDepth.Full;
}

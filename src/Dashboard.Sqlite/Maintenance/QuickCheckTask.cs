using Dashboard.Core.Backups;
using Dashboard.Core.Maintenance;

namespace Dashboard.Sqlite.Maintenance;

/// <summary>The structure of all pages, without comparing indexes with their tables (https://www.sqlite.org/pragma.html#pragma_quick_check).</summary>
internal sealed class QuickCheckTask(TimeProvider time) : StructureCheck(time)
{
    public override MaintenanceDescription Description { get; } = new(
        "quick-check",
        "Quick check",
        "Check {0} quickly",
        "Reads every page and looks whether it is well formed. Does not compare indexes with their tables.",
        "Nobody waits in WAL mode. In rollback mode whoever writes waits until it is done.",
        "No room. As long as reading the file once.");

    protected override CheckDepth Depth => CheckDepth.Quick;
}

using Dashboard.Core.Health;
using Dashboard.Sqlite.Aliases;

namespace Dashboard.Sqlite.Health;

/// <summary>Whether a running application has lost its WAL, its shared memory, or the file itself.</summary>
internal sealed class LostSidecarsCheck : AliasCheck
{
    public override HealthDescription Description { get; } = new(
        "lost-sidecars",
        "WAL in use",
        "Whether the WAL, the shared memory (-shm) or the file itself was deleted or replaced while an application has it open. The application goes on with the lost file, and its newest rows exist nowhere else.",
        IsCritical: true);

    protected override string Fine => "Each process that has the database open uses the files beside it.";

    protected override bool IsMine(AliasFinding finding) => finding.IsOfSidecars || finding.Harm == AliasHarm.Unseen;
}

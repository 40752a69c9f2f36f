using Dashboard.Core.Health;
using Dashboard.Sqlite.Aliases;

namespace Dashboard.Sqlite.Health;

/// <summary>Whether an application uses the file under another name, with a WAL that is not seen from here.</summary>
internal sealed class OtherNamesCheck : AliasCheck
{
    public override HealthDescription Description { get; } = new(
        "other-names",
        "Hard links and mounts",
        "Whether the file has another name: a hard link, or a mount of this single file, as containers have them. An application that uses the other name has another WAL. Its newest rows are not seen from here, and not backed up.",
        IsCritical: true);

    protected override string Fine => "The file has one name, and no other process uses it under another.";

    protected override bool IsMine(AliasFinding finding) => !finding.IsOfSidecars;
}

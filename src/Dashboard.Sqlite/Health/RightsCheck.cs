using Dashboard.Core.Health;
using Dashboard.Sqlite.Files;

namespace Dashboard.Sqlite.Health;

/// <summary>Who may use the file and its folder, asked without opening either.</summary>
internal sealed class RightsCheck : SqliteCheck
{
    private const string Others = "others";
    private const string Refuse = "refuse";

    private const int OthersRead = 4;
    private const int OthersWrite = 2;
    private const int Sticky = 0x200;

    public override HealthDescription Description { get; } = new(
        "rights",
        "Permissions",
        "Who may read and change the file, and put files beside it: whoever can write the folder can replace the database.",
        IsCritical: false)
    {
        NeedsOpenDatabase = true,
        Fields = [new HealthField(Others, "Other users of the machine may read it", HealthFieldKind.Choice, "accept") { Choices = [("accept", "accept"), (Refuse, "fail")] }],
    };

    protected override HealthAnswer Look(string location, HealthValues values, CancellationToken cancellationToken)
    {
        SqliteErrors.DemandThere(location);

        var folder = Path.GetDirectoryName(location)!;
        if (FileOwner.Of(location) is not { } file || FileOwner.Of(folder) is not { } around)
        {
            return HealthAnswer.Unknown("The permissions can't be read on this system.", "Switch this check off here.");
        }

        var evidence = $"Of the file: {FileOwner.Describe(location)}. Of its folder: {FileOwner.Describe(folder)}.";
        return (file.Mode & OthersWrite) != 0 ? HealthAnswer.Fail($"Every user of this machine can change it. {evidence}", "Take that right away: chmod o-w on the file.")
            : (around.Mode & OthersWrite) != 0 && (around.Mode & Sticky) == 0 ? HealthAnswer.Fail($"Every user of this machine can replace it. {evidence}", "Take that right away: chmod o-w on the folder.")
            : (file.Mode & OthersRead) != 0 && values.Text(Others) == Refuse ? HealthAnswer.Fail($"Every user of this machine can read it. {evidence}", "Take that right away: chmod o-r on the file.")
            : ReadOnlyMount.Of(location) is { } point ? HealthAnswer.Warn($"{point} is mounted read-only: the database can be watched, not restored or maintained. {evidence}", $"{ReadOnlyMount.WayOut(point)} Or switch this check off.")
            : !NativeFiles.CanWrite(location) || !NativeFiles.CanWrite(folder) ? HealthAnswer.Warn($"The dashboard runs as {Environment.UserName} and can't write it: it can be watched, not restored or maintained. {evidence}", $"Give {Environment.UserName} the right to write the file and its folder, or switch this check off.")
            : HealthAnswer.Pass(evidence);
    }
}

using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Files;

namespace Dashboard.Core.Health.Checks;

/// <summary>Whether the backups lie where one misfortune does not take both, and where nobody publishes them.</summary>
internal sealed class BackupPlaceCheck(EngineCatalog engines, BackupFolders folders) : IDatabaseHealthCheck
{
    private const string SameDisk = "same-disk";
    private const string Warn = "warn";

    public HealthDescription Description { get; } = new(
        "backup-place",
        "Place of the backups",
        "Whether the backup folder lies within a git working tree, from which a backup could be published by mistake, and whether it shares a disk with the database.",
        IsCritical: false)
    {
        Fields = [new HealthField(SameDisk, "On the disk of the database", HealthFieldKind.Choice, "accept") { Choices = [("accept", "accept"), (Warn, "warn")] }],
    };

    public Task<HealthAnswer> LookAsync(HealthQuestion question, CancellationToken cancellationToken)
    {
        var folder = folders.For(question.Database!);
        if (FindGitTree(folder) is { } tree)
        {
            return Task.FromResult(HealthAnswer.Warn($"The backups lie in {folder}, within the git working tree {tree}.", "Choose a backup folder outside of it in the settings."));
        }

        var live = engines.For(question.Database!).FolderOf(question.Location);
        var sharesDisk = live is not null && DiskSpace.ShareADisk(folder, live) == true;
        return Task.FromResult(sharesDisk && question.Values.Text(SameDisk) == Warn
            ? HealthAnswer.Warn($"The backups lie in {folder}, on the disk of the database: losing it loses both.", "Choose a backup folder on another disk in the settings.")
            : HealthAnswer.Pass($"The backups lie in {folder}{(sharesDisk ? ", on the disk of the database" : "")}."));
    }

    /// <summary>The nearest folder above that git keeps; null when none does.</summary>
    private static string? FindGitTree(string folder)
    {
        for (var at = folder; at is not null; at = Path.GetDirectoryName(at))
        {
            var git = Path.Combine(at, ".git");
            if (Directory.Exists(git) || File.Exists(git))
            {
                return at;
            }
        }

        return null;
    }
}

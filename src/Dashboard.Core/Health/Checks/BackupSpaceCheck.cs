using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Files;

namespace Dashboard.Core.Health.Checks;

/// <summary>Whether the next backup will fit.</summary>
internal sealed class BackupSpaceCheck(EngineCatalog engines, BackupFolders folders) : IDatabaseHealthCheck
{
    private const string Times = "times";

    public HealthDescription Description { get; } = new(
        "backup-space",
        "Space for the next backup",
        "The space that is free in the backup folder, against what the next backup may take. A full disk ends backups first and the application soon after.",
        IsCritical: true)
    {
        NeedsOpenDatabase = true,
        Fields = [new HealthField(Times, "Warn below", HealthFieldKind.Number, "3") { Unit = "times what it needs", Min = 1, Max = 1000 }],
    };

    public async Task<HealthAnswer> LookAsync(HealthQuestion question, CancellationToken cancellationToken)
    {
        if (folders.PlaceOf(question.Database!).Problem is { } problem)
        {
            return HealthAnswer.Unknown($"The space was not looked at. {problem}", Configuration.BackupPlace.NextStep);
        }

        var folder = folders.For(question.Database!);
        var estimate = await engines.For(question.Database!).EstimateBackupAsync(question.Location, cancellationToken);
        var needed = estimate.ContentBytes + estimate.WorkBytes;
        if (DiskSpace.FreeBytes(folder) is not { } free)
        {
            return HealthAnswer.Unknown($"What is free in {folder} can't be told.", "Look whether the folder can be reached.");
        }

        var evidence = $"{Words.Bytes(free)} are free in {folder}; the next backup takes {Words.Bytes(needed)} at most.";
        const string NextStep = "Free some space, delete older backups, or choose another backup folder in the settings.";
        return free < needed ? HealthAnswer.Fail(evidence, NextStep)
            : free < needed * (question.Values.Number(Times) ?? 1) ? HealthAnswer.Warn(evidence, NextStep)
            : HealthAnswer.Pass(evidence);
    }
}

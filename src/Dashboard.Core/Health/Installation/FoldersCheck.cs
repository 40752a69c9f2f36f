using Dashboard.Core.Backups;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Files;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Dashboard.Core.Health.Installation;

/// <summary>Whether the folders that the dashboard writes to are there and can be written.</summary>
internal sealed class FoldersCheck(IDbContextFactory<DashboardStore> stores, ReadBackupPlaces places, BackupPlaces ours, DataFolder data, IOptionsMonitor<DashboardOptions> options) : IInstallationHealthCheck
{
    private const string Folders = "folders";
    private const string Free = "free";

    public HealthDescription Description { get; } = new(
        "folders",
        "Folders",
        "Whether the data folder, every backup folder and the folders that you name are there, can be written and have room. A small file is written and removed again.",
        IsCritical: true)
    {
        Fields =
        [
            new HealthField(Folders, "More folders", HealthFieldKind.Lines, "") { Hint = "One a line, each a full path" },
            new HealthField(Free, "Warn below", HealthFieldKind.Number, "5") { Unit = "% free", Max = 100 },
        ],
    };

    public async Task<HealthAnswer> LookAsync(HealthQuestion question, CancellationToken cancellationToken)
    {
        // Before anything is written to try it: where another folder lies in its place, nothing may be left there.
        List<HealthAnswer> answers = [.. (await places.FindProblemsAsync(cancellationToken)).Select(problem => HealthAnswer.Fail(problem, BackupPlace.NextStep))];
        var folders = (await ListAsync(cancellationToken)).Concat(question.Values.Lines(Folders)).Distinct().ToList();
        foreach (var folder in folders.Where(folder => ours.Known(folder).IsReady || !ours.IsListed(folder)))
        {
            answers.Add(await LookAsync(folder, question.Values.Number(Free) ?? 0, cancellationToken));
        }

        var bad = answers.Where(answer => answer.Verdict != HealthVerdict.Pass).ToList();
        return bad.Count > 0 ? HealthAnswer.Join(bad) : HealthAnswer.Pass($"{Words.Count(answers.Count, "folder")} {(answers.Count == 1 ? "is" : "are")} there and can be written: {Words.List(folders)}.");
    }

    /// <summary>Whether everything that the dashboard itself writes to can be written; what is wrong, without a path.</summary>
    internal async Task<bool> CanWriteAsync(CancellationToken cancellationToken)
    {
        foreach (var folder in new[] { data.Path, BackupFolder() }.Distinct())
        {
            if (ours.IsListed(folder) && !ours.Look(folder).IsReady)
            {
                return false;
            }

            if (await FindFaultAsync(folder, cancellationToken) is not null)
            {
                return false;
            }
        }

        return true;
    }

    private async Task<IEnumerable<string>> ListAsync(CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var ofDatabases = await store.Databases.Where(database => database.RemovedAt == null && database.BackupFolder != null).Select(database => database.BackupFolder!).ToListAsync(cancellationToken);
        return [data.Path, BackupFolder(), .. ofDatabases];
    }

    /// <summary>The default one is made with the first backup.</summary>
    private string BackupFolder() => data.BackupFolder(options.CurrentValue) is var folder && Directory.Exists(folder) ? folder : options.CurrentValue.BackupFolder is { Length: > 0 } chosen ? chosen : data.Path;

    private static async Task<HealthAnswer> LookAsync(string folder, double leastFree, CancellationToken cancellationToken)
    {
        if (await FindFaultAsync(folder, cancellationToken) is { } fault)
        {
            return HealthAnswer.Fail(fault, $"Create the folder for the user {Environment.UserName}, or choose another in the settings.");
        }

        return DiskSpace.Look(folder) is { SizeBytes: > 0 } disk && 100.0 * disk.FreeBytes / disk.SizeBytes < leastFree
            ? HealthAnswer.Warn($"{Words.Bytes(disk.FreeBytes)} of {Words.Bytes(disk.SizeBytes)} are free on the disk of {folder}.", "Free some space on this disk.")
            : HealthAnswer.Pass(folder);
    }

    private static async Task<string?> FindFaultAsync(string folder, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
        {
            return $"The folder {folder} is not there.";
        }

        try
        {
            var probe = Path.Combine(folder, $".dashboard-{Guid.NewGuid():N}{DurableFiles.PartialExtension}");
            await File.WriteAllTextAsync(probe, "", cancellationToken);
            File.Delete(probe);
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return $"The folder {folder} can't be written: {fault.Message}";
        }
    }
}

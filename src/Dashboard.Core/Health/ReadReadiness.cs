using Dashboard.Core.Backups;
using Dashboard.Core.Health.Installation;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Health;

/// <param name="Store">Whether the store answers.</param>
/// <param name="Folders">Whether what the dashboard writes to can be written.</param>
/// <param name="BackupFolders">Whether each backup folder is the one that was set up.</param>
public sealed record Readiness(bool Store, bool Folders, bool BackupFolders)
{
    public bool IsReady => Store && Folders && BackupFolders;
}

/// <summary>Whether the dashboard can do its work at this moment, for whoever sends people or alarms to it. Names nothing.</summary>
public sealed class ReadReadiness(IDbContextFactory<DashboardStore> stores, ReadBackupPlaces places, IEnumerable<IInstallationHealthCheck> checks)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<Readiness> ReadAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        return new Readiness(await AnswersAsync(patience.Token), await TryAsync(checks.OfType<FoldersCheck>().Single().CanWriteAsync, patience.Token), await TryAsync(async stop => (await places.FindProblemsAsync(stop)).Count == 0, patience.Token));
    }

    private Task<bool> AnswersAsync(CancellationToken cancellationToken) => TryAsync(
        async stop =>
        {
            await using var store = await stores.CreateDbContextAsync(stop);
            await store.Databases.AnyAsync(stop);
            return true;
        },
        cancellationToken);

    /// <summary>Whatever goes wrong is "no": the reason stands in the log of whoever has it, not in an answer that anybody can read.</summary>
    private static async Task<bool> TryAsync(Func<CancellationToken, Task<bool>> look, CancellationToken cancellationToken)
    {
        try
        {
            return await look(cancellationToken);
        }
        catch (Exception)
        {
            return false;
        }
    }
}

using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;

namespace Dashboard.Web.Features.Databases;

/// <summary>How far somebody has come with the sample, read from what really happened and from what it holds now.</summary>
/// <param name="Whole">The backup to restore: the newest good one with the most rows.</param>
/// <param name="IsBroken">It holds fewer rows than that backup now.</param>
/// <param name="WasBroken">It does, or it did when a copy of it was taken.</param>
/// <param name="Undo">The restore that can be taken back now.</param>
public sealed record SampleHistory(Backup? Whole, bool IsBroken, bool WasBroken, bool WasRestored, bool WasUndone, UndoOffer? Undo)
{
    private static readonly TimeSpan CountBudget = TimeSpan.FromSeconds(2);

    public bool IsComplete => Whole is not null && WasBroken && WasRestored && WasUndone;

    public static async Task<SampleHistory> ReadAsync(ReadBackups backups, ReadRuns runs, EngineCatalog engines, Actor actor, Database sample, CancellationToken cancellationToken)
    {
        var (taken, _) = await backups.ListAsync(actor, sample.Id, deleted: false, 0, 100, cancellationToken);
        var whole = taken.Select(row => row.Backup).Where(backup => backup is { Kind: BackupKind.Backup, IsGood: true }).OrderByDescending(backup => backup.RowTotal).ThenByDescending(backup => backup.TakenAt).FirstOrDefault();
        var isBroken = whole is not null && await CountAsync(engines, sample, cancellationToken) < whole.RowTotal;
        return new SampleHistory(
            whole,
            isBroken,
            isBroken || (whole is not null && taken.Any(row => row.Backup.RowTotal < whole.RowTotal)),
            await HasEndedWellAsync(runs, actor, sample, JobKeys.Restore, cancellationToken),
            await HasEndedWellAsync(runs, actor, sample, JobKeys.Undo, cancellationToken),
            await backups.FindUndoAsync(actor, sample.Id, cancellationToken));
    }

    /// <summary>What can't be counted is not called broken: the page says elsewhere that it can't be read.</summary>
    private static async Task<long> CountAsync(EngineCatalog engines, Database sample, CancellationToken cancellationToken)
    {
        try
        {
            var rows = await engines.For(sample).CountRowsAsync(sample.Location, CountBudget, cancellationToken);
            return rows.IsComplete ? rows.Total : long.MaxValue;
        }
        catch (DatabaseException)
        {
            return long.MaxValue;
        }
    }

    private static async Task<bool> HasEndedWellAsync(ReadRuns runs, Actor actor, Database sample, string job, CancellationToken cancellationToken)
    {
        var (ended, _) = await runs.ListAsync(actor, new RunFilter(sample.Id, job), cancellationToken);
        return ended.Any(run => run.State is RunState.Succeeded or RunState.SucceededWithWarnings);
    }
}

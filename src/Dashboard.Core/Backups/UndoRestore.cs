using System.Diagnostics;
using System.Text.Json;
using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Backups;

internal sealed record UndoArguments(Guid RestoreId, Guid? LoginId = null);

/// <summary>Takes a restore back from its exact copy, whatever was written since, and takes a copy of that first.</summary>
internal sealed class UndoRestore(IDbContextFactory<DashboardStore> stores, ReplaceContent replace, KeptContents kept, LendLogin lend, TimeProvider time) : IJob
{
    public const string JobKey = JobKeys.Undo;

    public string Key => JobKey;

    public string Title => "Undo the restore of {0}";

    public bool Writes => true;

    public bool IsOneAtATime => false;

    public Verb Verb => Verb.UndoRestore;

    public async Task<RunOutcome> RunAsync(RunContext context, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var (restore, backup, database) = await FindAsync(context.Run, cancellationToken);
        if (restore.UndoUntil < time.GetUtcNow())
        {
            throw new DatabaseException("The time to undo this restore has passed.", "Restore a backup of before from the Backups tab, if there is one.");
        }

        if (backup is null)
        {
            // Somebody may have dropped it on the server since it was offered.
            await kept.ForgetMissingAsync(database, cancellationToken);
            (restore, backup, database) = await FindAsync(context.Run, cancellationToken);
        }

        Replaced done;
        try
        {
            done = backup is null
                ? await replace.TakeBackAsync(context, ContentPlace.Beside(restore.Kept!), database, cancellationToken)
                : await replace.ReplaceAsync(context, backup, database, isUndo: true, withoutUndo: false, cancellationToken);
        }
        finally
        {
            await MarkUndoneAsync(restore.Id, context.Run.Id);
        }

        // What was given for the restore is done with; what this undo set aside goes on needing its own.
        await lend.ReturnAsync(restore.LoginId);
        await lend.ReturnAsync(LendLogin.IdOf(context.Run));

        var what = backup is null ? "" : $" ({Words.Bytes(backup.ContentBytes)}, {Words.Count(backup.RowTotal, "row")})";
        return RestoreBackup.Say($"The content of before the restore is back{what} in {Words.Duration(Stopwatch.GetElapsedTime(began))}; writers waited {Words.Duration(done.Result.WritersWaited)}.", done);
    }

    public async Task<RunOutcome> ReconcileAsync(RunContext context, CancellationToken cancellationToken)
    {
        var outcome = await replace.ReconcileAsync(context, cancellationToken);
        await MarkUndoneAsync(Wanted(context.Run), context.Run.Id);
        return outcome;
    }

    private static Guid Wanted(Run run) => JsonSerializer.Deserialize<UndoArguments>(run.Arguments!)!.RestoreId;

    /// <summary>The backup is null where the engine kept the database itself.</summary>
    private async Task<(Restore Restore, Backup? Backup, Database Database)> FindAsync(Run run, CancellationToken cancellationToken)
    {
        var wanted = Wanted(run);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var restore = await store.Restores.AsNoTracking().FirstAsync(row => row.Id == wanted, cancellationToken);
        var backup = await store.Backups.AsNoTracking().FirstOrDefaultAsync(row => row.Id == restore.UndoBackupId, cancellationToken);
        if (backup is null && (restore.Kept is null || restore.KeptDroppedAt is not null))
        {
            throw new DatabaseMissingException(restore.Kept is { } gone ? $"The previous database {gone} no longer exists: it was deleted or dropped. This restore can't be undone." : "The undo copy of this restore no longer exists.", "Restore another backup from the Backups tab.");
        }

        return (restore, backup, await store.Databases.AsNoTracking().FirstAsync(row => row.Id == restore.DatabaseId, cancellationToken));
    }

    /// <summary>It is undone when this run has replaced the content, however the run ends.</summary>
    private async Task MarkUndoneAsync(Guid restoreId, Guid runId)
    {
        await using var store = await stores.CreateDbContextAsync();
        await store.Restores.Where(row => row.Id == restoreId && store.Restores.Any(done => done.RunId == runId)).ExecuteUpdateAsync(row => row.SetProperty(r => r.UndoneByRunId, runId));
    }
}

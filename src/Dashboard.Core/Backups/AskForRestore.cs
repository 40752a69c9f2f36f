using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Backups;

/// <summary>
/// What a person asks of a backup. What must be confirmed is decided and checked here, on the server, never by a flag from a browser.
/// </summary>
public sealed class AskForRestore(IDbContextFactory<DashboardStore> stores, LendLogin lend, AskForRun ask, WatchBackupFiles files, TimeProvider time)
{
    /// <summary>Into the live database.</summary>
    /// <param name="typedName">The database's name, where the plan asks for it.</param>
    /// <param name="withoutOwners">Whether owners and rights of the backup are left out.</param>
    /// <param name="login">Another login for this restore.</param>
    /// <param name="leavesOut">Whether what the login can't restore is left out, as far as it can be.</param>
    /// <exception cref="NameNeededException">When the name is needed and was not typed.</exception>
    /// <exception cref="DatabaseException">When it can't be restored in place.</exception>
    public async Task<Run> InPlaceAsync(Actor actor, Guid backupId, string? typedName, CancellationToken cancellationToken, bool withoutOwners = false, Login? login = null, bool leavesOut = false)
    {
        var (backup, database) = await FindAsync(backupId, cancellationToken);
        Permit.Demand(actor, Verb.RestoreBackup, database.Subject);
        await DemandUsableAsync(backup, cancellationToken);
        await using var lent = lend.EngineFor(database, login);
        var outlook = await lent.Engine.LookAheadAsync(database.Location, backup.ContentBytes, await ReadIdentity.RunAsync(lent.Engine, backup, cancellationToken), cancellationToken);
        if ((Blocker(database, outlook) ?? (withoutOwners ? null : outlook.OwnersProblem) ?? RestoreGap.Blocker(outlook.Gaps, leavesOut)) is { } blocker)
        {
            throw new DatabaseException(blocker);
        }

        if (NeedsName(database, outlook))
        {
            TypedName.Demand(database, typedName);
        }

        return await lend.ForAsync(database, login, id => ask.AskAsync(actor, RestoreBackup.JobKey, database.Subject, new RestoreArguments(backupId, WithoutUndo: !outlook.IsLiveReadable || !outlook.CanUndo, withoutOwners, id, leavesOut), cancellationToken), cancellationToken);
    }

    /// <summary>Into a new database beside it.</summary>
    /// <exception cref="DatabaseException">When the login can't restore all of it, and it can't be left out or is not to be.</exception>
    public async Task<Run> AsCopyAsync(Actor actor, Guid backupId, CancellationToken cancellationToken, bool withoutOwners = false, Login? login = null, bool leavesOut = false)
    {
        var (backup, database) = await FindAsync(backupId, cancellationToken);
        Permit.Demand(actor, Verb.RestoreAsCopy, database.Subject);
        await DemandUsableAsync(backup, cancellationToken);
        await using var lent = lend.EngineFor(database, login);
        if (lent.Engine is IListsContents)
        {
            var outlook = await lent.Engine.LookAheadAsync(database.Location, backup.ContentBytes, await ReadIdentity.RunAsync(lent.Engine, backup, cancellationToken), cancellationToken);
            if (RestoreGap.Blocker(outlook.Gaps.Where(gap => !gap.IsOfLiveOnly), leavesOut) is { } blocker)
            {
                throw new DatabaseException(blocker);
            }
        }

        return await lend.ForAsync(database, login, id => ask.AskAsync(actor, RestoreAsCopy.JobKey, database.Subject, new BackupArguments(backupId, withoutOwners, id, leavesOut), cancellationToken), cancellationToken);
    }

    /// <summary>Takes a restore back.</summary>
    /// <param name="login">In place of the one that was given for the restore, or of the database's own.</param>
    /// <exception cref="LoginRefusedException">When the login can't do it (any more): another one is wanted.</exception>
    /// <exception cref="DatabaseException">When it is too late, or was done already.</exception>
    public async Task<Run> UndoAsync(Actor actor, Guid restoreId, CancellationToken cancellationToken, Login? login = null)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var restore = await store.Restores.AsNoTracking().FirstOrDefaultAsync(row => row.Id == restoreId, cancellationToken)
            ?? throw new DatabaseMissingException("There is no such restore.", "Look at the activity of the database.");
        Permit.Demand(actor, Verb.UndoRestore, Subject.Database(restore.DatabaseId));
        if (restore.UndoneByRunId is not null)
        {
            throw new DatabaseException("This restore has been undone already.", "To go back once more, undo the undo.");
        }

        if (!restore.HasUndo || restore.UndoUntil < time.GetUtcNow())
        {
            throw new DatabaseException("This restore can no longer be undone with one click.", "Restore a backup of before from the Backups tab, if there is one.");
        }

        var database = await store.Databases.AsNoTracking().FirstAsync(row => row.Id == restore.DatabaseId, cancellationToken);
        if (restore.Kept is not null)
        {
            await DemandLoginAsync(database, restore, login, cancellationToken);
        }

        return await lend.ForAsync(database, login, id => ask.AskAsync(actor, UndoRestore.JobKey, database.Subject, new UndoArguments(restoreId, id ?? restore.LoginId), cancellationToken), cancellationToken);
    }

    /// <summary>Before the run, which could only fail: a password may have been changed since the restore.</summary>
    private async Task DemandLoginAsync(Database database, Restore restore, Login? login, CancellationToken cancellationToken)
    {
        await using var lent = login is null ? await lend.EngineForAsync(database, restore.LoginId, cancellationToken) : lend.EngineFor(database, login);
        var outlook = await lent.Engine.LookAheadAsync(database.Location, 0, new Dictionary<string, string>(), cancellationToken);
        if (outlook.LoginProblem is { } problem)
        {
            throw new LoginRefusedException(problem, "Give a login that may.");
        }
    }

    /// <summary>Check a backup again.</summary>
    public async Task<Run> CheckAsync(Actor actor, Guid backupId, CancellationToken cancellationToken)
    {
        var (_, database) = await FindAsync(backupId, cancellationToken);
        return await ask.AskAsync(actor, CheckBackup.JobKey, database.Subject, new BackupArguments(backupId), cancellationToken);
    }

    private async Task DemandUsableAsync(Backup backup, CancellationToken cancellationToken)
    {
        await files.LookAtAsync([backup], cancellationToken);
        if (backup.Level == CheckLevel.Invalid)
        {
            throw new DatabaseDamagedException(GoodBackup.BlockerOf(backup)!);
        }

        // One of another size is read by the run, which proves the damage and marks it.
        if (backup.File is BackupFile.Missing or BackupFile.Unreachable)
        {
            throw new DatabaseMissingException(GoodBackup.BlockerOf(backup)!);
        }
    }

    internal static bool NeedsName(Database database, RestoreOutlook outlook) => database.AlwaysAskForName || ((!outlook.IsLiveReadable || !outlook.CanUndo) && outlook.LiveBytes > 0);

    internal static string? Blocker(Database database, RestoreOutlook outlook) =>
        database.IsOwnStore ? "The dashboard's own store can't be replaced while the dashboard runs on it. Restore it as a copy; the README shows how to put it in place with the dashboard stopped."
        : database.RemovedAt is not null ? "This database is no longer registered. Add it again to restore into it."
        : outlook.Blocker;

    private async Task<(Backup Backup, Database Database)> FindAsync(Guid backupId, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var backup = await store.Backups.AsNoTracking().FirstOrDefaultAsync(row => row.Id == backupId && row.DeletedAt == null, cancellationToken)
            ?? throw new DatabaseMissingException("This backup is no longer in the inventory.", "Look under “Recently deleted”, or choose another backup.");
        return (backup, await store.Databases.AsNoTracking().FirstAsync(row => row.Id == backup.DatabaseId, cancellationToken));
    }
}

using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Dashboard.Core.Backups;

/// <summary>What a restore has set aside beside the live database.</summary>
/// <param name="Restore">The restore; null when none in this store knows of it.</param>
/// <param name="Bytes">What it takes on the engine's disk.</param>
/// <param name="Until">When the clock removes it; null when only a person does.</param>
public sealed record KeptRow(ContentPlace Place, long Bytes, Restore? Restore, DateTimeOffset? Until);

/// <summary>The databases that restores have set aside: shown with what they take, removed by hand or when their time is over.</summary>
public sealed partial class KeptContents(IDbContextFactory<DashboardStore> stores, EngineCatalog engines, LendLogin lend, JobFeed feed, TimeProvider time, ILogger<KeptContents> logger)
{
    /// <exception cref="DatabaseException">When the engine can't be asked.</exception>
    public async Task<IReadOnlyList<KeptRow>> ListAsync(Actor actor, Database database, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        Permit.Demand(actor, Verb.SeeBackups, database.Subject);
        var kept = await engines.For(database).ListKeptAsync(database.Location, cancellationToken);
        await ForgetMissingAsync(database, kept, cancellationToken);
        if (kept.Count == 0)
        {
            return [];
        }

        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var restores = await store.Restores.AsNoTracking().Where(restore => restore.DatabaseId == database.Id && restore.Kept != null && restore.UndoneByRunId == null).ToListAsync(cancellationToken);
        return [.. kept.Select(one => (One: one, Restore: restores.Find(restore => restore.Kept == one.Place.Name))).Select(pair => new KeptRow(pair.One.Place, pair.One.Bytes, pair.Restore, pair.Restore?.UndoUntil))];
    }

    /// <summary>Ends the undo of a restore whose previous database somebody has dropped on the server: it promises nothing that is not there.</summary>
    /// <remarks>Not while a run is open that may be renaming it, unless that run asks itself.</remarks>
    internal async Task ForgetMissingAsync(Database database, CancellationToken cancellationToken) =>
        await ForgetMissingAsync(database, await engines.For(database).ListKeptAsync(database.Location, cancellationToken), cancellationToken, isOwnRun: true);

    private async Task ForgetMissingAsync(Database database, IReadOnlyList<KeptContent> kept, CancellationToken cancellationToken, bool isOwnRun = false)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var there = kept.Select(one => one.Place.Name).ToHashSet();
        var gone = (await Unfinished(store, database.Id).ToListAsync(cancellationToken)).Where(restore => !there.Contains(restore.Kept!)).ToList();
        if (gone.Count == 0 || (!isOwnRun && await store.Runs.AnyAsync(run => run.SubjectId == database.Id && run.State < RunState.Succeeded, cancellationToken)))
        {
            return;
        }

        foreach (var restore in gone)
        {
            await MarkDroppedAsync(store, database.Id, restore.Kept!, cancellationToken);
            await lend.ReturnAsync(restore.LoginId);
            DroppedByHand(logger, restore.Kept!, database.Name);
        }

        feed.Changed();
    }

    private static IQueryable<Restore> Unfinished(DashboardStore store, Guid databaseId) =>
        store.Restores.AsNoTracking().Where(restore => restore.DatabaseId == databaseId && restore.Kept != null && restore.KeptDroppedAt == null && restore.UndoneByRunId == null);

    private Task<int> MarkDroppedAsync(DashboardStore store, Guid databaseId, string kept, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return store.Restores.Where(restore => restore.DatabaseId == databaseId && restore.Kept == kept && restore.KeptDroppedAt == null)
            .ExecuteUpdateAsync(restore => restore.SetProperty(r => r.KeptDroppedAt, now), cancellationToken);
    }

    /// <summary>Removes one now. Nothing brings it back, so the name of the database is typed.</summary>
    /// <param name="login">In place of the one that was given for the restore, or of the database's own; used for this and not kept.</param>
    /// <exception cref="NameNeededException">When it was not.</exception>
    /// <exception cref="LoginRefusedException">When the login can't do it (any more): another one is wanted.</exception>
    public async Task DropAsync(Actor actor, Database database, ContentPlace kept, string? typedName, CancellationToken cancellationToken, Login? login = null)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(kept);
        Permit.Demand(actor, Verb.DropKept, database.Subject);
        TypedName.Demand(database, typedName);
        await DemandNoRunAsync(database, cancellationToken);
        await DropAsync(database, kept, login, cancellationToken);
        feed.Changed();
    }

    /// <summary>Removes what has stood for its time, and what killed restores left. One server that does not answer does not keep the others.</summary>
    public async Task DropExpiredAsync(CancellationToken cancellationToken)
    {
        Permit.Demand(Actor.Dashboard, Verb.DropKept, Subject.Installation);
        var now = time.GetUtcNow();
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var open = store.Runs.Where(run => run.State < RunState.Succeeded).Select(run => run.SubjectId);
        var databases = await store.Databases.AsNoTracking().Where(database => database.RemovedAt == null && !open.Contains(database.Id)).ToListAsync(cancellationToken);
        var expired = await store.Restores.AsNoTracking().Where(restore => restore.Kept != null && restore.KeptDroppedAt == null && restore.UndoneByRunId == null && restore.UndoUntil < now).ToListAsync(cancellationToken);
        HashSet<Guid> unswept = [];
        foreach (var database in databases)
        {
            try
            {
                unswept.Add(database.Id);
                await SweepAsync(database, cancellationToken);
                unswept.Remove(database.Id);
                if (await Unfinished(store, database.Id).AnyAsync(cancellationToken))
                {
                    await ForgetMissingAsync(database, await engines.For(database).ListKeptAsync(database.Location, cancellationToken), cancellationToken);
                }

                foreach (var restore in expired.Where(restore => restore.DatabaseId == database.Id))
                {
                    await DropAsync(database, ContentPlace.Beside(restore.Kept!), null, cancellationToken);
                    feed.Changed();
                }
            }
            catch (Exception fault) when (fault is DatabaseException or IOException)
            {
                CouldNotDrop(logger, database.Name, fault.Message);
            }
        }

        await lend.EraseUnneededAsync(unswept, cancellationToken);
    }

    /// <summary>What another login has left unfinished, only that one may remove.</summary>
    private async Task SweepAsync(Database database, CancellationToken cancellationToken)
    {
        try
        {
            await engines.For(database).SweepAsync(database.Location, cancellationToken);
        }
        catch (LoginRefusedException)
        {
            await using var lent = await lend.EngineForRestAsync(database, cancellationToken);
            if (lent is null)
            {
                throw;
            }

            await lent.Engine.SweepAsync(database.Location, cancellationToken);
        }
    }

    private async Task DropAsync(Database database, ContentPlace kept, Login? login, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var given = await store.Restores.Where(restore => restore.DatabaseId == database.Id && restore.Kept == kept.Name && restore.KeptDroppedAt == null).Select(restore => restore.LoginId).FirstOrDefaultAsync(cancellationToken);
        await using (var lent = login is null ? await lend.EngineForAsync(database, given, cancellationToken) : lend.EngineFor(database, login))
        {
            await lent.Engine.DropKeptAsync(database.Location, kept, cancellationToken);
        }

        await MarkDroppedAsync(store, database.Id, kept.Name, cancellationToken);
        await lend.ReturnAsync(given);
    }

    /// <summary>A restore or an undo may be about to use it.</summary>
    private async Task DemandNoRunAsync(Database database, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        if (await store.Runs.AsNoTracking().FirstOrDefaultAsync(run => run.SubjectId == database.Id && run.State < RunState.Succeeded && (run.Job == JobKeys.Restore || run.Job == JobKeys.RestoreForeign || run.Job == JobKeys.Undo), cancellationToken) is { } run)
        {
            throw new RunConflictException(run.Id, $"A restore of {database.Name} is not finished yet. Wait for it, then remove what it keeps.");
        }
    }

    [LoggerMessage(3004, LogLevel.Warning, "What restores of {Database} keep beside it could not be looked at: {Reason}")]
    private static partial void CouldNotDrop(ILogger logger, string database, string reason);

    [LoggerMessage(3005, LogLevel.Warning, "{Kept} was dropped on the server; the restore of {Database} that replaced it can't be undone any more")]
    private static partial void DroppedByHand(ILogger logger, string kept, string database);
}

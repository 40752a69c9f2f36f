using System.Text.Json;
using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Backups;

/// <summary>
/// Another login for one restore: looked at while it is given, kept encrypted for the restore, its undo, the removal of what it set aside and the look after a
/// kill, and erased when none of them can come any more. A run's arguments hold its number and nothing of it.
/// </summary>
public sealed class LendLogin(IDbContextFactory<DashboardStore> stores, EngineCatalog engines, ISecretBox box, TimeProvider time)
{
    /// <summary>How long it is kept where what it is needed for can't be done: the server is gone, say.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    /// <summary>Between keeping it and the run that it is for.</summary>
    private static readonly TimeSpan BeforeRun = TimeSpan.FromMinutes(10);

    /// <summary>Whether restores of this database can be done by another login.</summary>
    public bool CanLend(Database database)
    {
        ArgumentNullException.ThrowIfNull(database);
        return !database.IsOwnStore && engines.For(database) is ISecondLogin;
    }

    /// <summary>What a login that is being typed could do. That it is refused is an answer.</summary>
    /// <exception cref="DatabaseException">When the database is not registered any more.</exception>
    /// <exception cref="NotSupportedException">When <see cref="CanLend"/> says that there is none.</exception>
    public async Task<LocationCheck> CheckAsync(Actor actor, Guid databaseId, string user, string password, CancellationToken cancellationToken)
    {
        Permit.Demand(actor, Verb.RestoreBackup, Subject.Database(databaseId));
        var database = await FindRegistered.RunAsync(stores, databaseId, cancellationToken);
        return await Second(database).CheckLoginAsync(database.Location, user, password, cancellationToken);
    }

    /// <summary>The engine as a login has it that was just given; as it always is without one.</summary>
    internal LentEngine EngineFor(Database database, Login? login) =>
        login is null ? new LentEngine(engines.For(database), null) : Lent(Second(database).As(login));

    /// <summary>The engine as a login has it that was given before; as it always is where none was.</summary>
    /// <exception cref="LoginRefusedException">When it is no longer kept, or can't be read any more.</exception>
    internal async Task<LentEngine> EngineForAsync(Database database, Guid? loginId, CancellationToken cancellationToken)
    {
        if (loginId is null)
        {
            return new LentEngine(engines.For(database), null);
        }

        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var kept = await store.LentLogins.AsNoTracking().FirstOrDefaultAsync(login => login.Id == loginId, cancellationToken)
            ?? throw new LoginRefusedException("The login that was given for this restore is no longer kept.", "Give it once more.");
        try
        {
            return EngineFor(database, new Login(database.Engine, kept.Server, kept.User, box.Unprotect(kept.Secret)));
        }
        catch (DatabaseException fault)
        {
            throw new LoginRefusedException($"The login {kept.User} that was given for this restore can't be read any more.", "Give it once more.", fault);
        }
    }

    /// <summary>The engine for the look after a kill. What became of a run, the database's own login can tell too; what only the other one may remove, the clock tells of.</summary>
    internal async Task<LentEngine> EngineAfterKillAsync(Database database, Run run, CancellationToken cancellationToken)
    {
        try
        {
            return await EngineForAsync(database, IdOf(run), cancellationToken);
        }
        catch (LoginRefusedException)
        {
            return EngineFor(database, null);
        }
    }

    /// <summary>The engine for what restores of this database may have left: as the login that was given last, where one is kept.</summary>
    internal async Task<LentEngine?> EngineForRestAsync(Database database, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var last = await store.LentLogins.AsNoTracking().Where(login => login.DatabaseId == database.Id).OrderByDescending(login => login.LentAt).Select(login => (Guid?)login.Id).FirstOrDefaultAsync(cancellationToken);
        return last is null ? null : await EngineForAsync(database, last, cancellationToken);
    }

    /// <summary>Asks for a run that is to use a login: kept before the run can begin, and gone again when there is none.</summary>
    /// <param name="ask">Gets the login's number, null without one.</param>
    internal async Task<Run> ForAsync(Database database, Login? login, Func<Guid?, Task<Run>> ask, CancellationToken cancellationToken)
    {
        if (login is null)
        {
            return await ask(null);
        }

        var id = await KeepAsync(database, login, cancellationToken);
        try
        {
            return await ask(id);
        }
        catch
        {
            await EraseAsync([id]);
            throw;
        }
    }

    /// <summary>Null where the run needs none.</summary>
    internal static Guid? IdOf(Run run) => run.Arguments is { } json ? JsonSerializer.Deserialize<Wanted>(json)?.LoginId : null;

    /// <summary>Erases it unless something that a restore set aside still needs it.</summary>
    internal async Task ReturnAsync(Guid? loginId)
    {
        if (loginId is { } id)
        {
            await using var store = await stores.CreateDbContextAsync();
            if (!await Needing(store).AnyAsync(restore => restore.LoginId == id))
            {
                await EraseAsync([id]);
            }
        }
    }

    /// <summary>Erases what nothing needs any more.</summary>
    /// <param name="unswept">Databases where something unfinished may stand that only the login can remove; theirs are kept for a week at most.</param>
    internal async Task EraseUnneededAsync(IReadOnlyCollection<Guid> unswept, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var kept = await store.LentLogins.AsNoTracking().Select(login => new { login.Id, login.DatabaseId, login.LentAt }).ToListAsync(cancellationToken);
        if (kept.Count == 0)
        {
            return;
        }

        var now = time.GetUtcNow();
        var late = now - Longest;
        var needed = await Needing(store).Where(restore => restore.UndoUntil > late).Select(restore => restore.LoginId).ToListAsync(cancellationToken);
        var oldest = kept.Min(login => login.LentAt);
        var runs = (await store.Runs.AsNoTracking().Where(run => run.QueuedAt >= oldest && run.Arguments != null).ToListAsync(cancellationToken)).ToLookup(IdOf);
        await EraseAsync([.. kept
            .Where(login => !needed.Contains(login.Id)
                && (runs.Contains(login.Id) ? runs[login.Id].All(run => !run.IsOpen) : now - login.LentAt > BeforeRun)
                && !(unswept.Contains(login.DatabaseId) && login.LentAt > late))
            .Select(login => login.Id)]);
    }

    /// <summary>Restores that can still be taken back, or whose set-aside database stands.</summary>
    private static IQueryable<Restore> Needing(DashboardStore store) =>
        store.Restores.AsNoTracking().Where(restore => restore.LoginId != null && restore.Kept != null && restore.KeptDroppedAt == null && restore.UndoneByRunId == null
            && store.Databases.Any(database => database.Id == restore.DatabaseId && database.RemovedAt == null));

    private async Task<Guid> KeepAsync(Database database, Login login, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var kept = new LentLogin { Id = Guid.CreateVersion7(now), DatabaseId = database.Id, Server = login.Server, User = login.User, Secret = box.Protect(login.Password), LentAt = now };
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        store.LentLogins.Add(kept);
        await store.SaveChangesAsync(cancellationToken);
        return kept.Id;
    }

    private async Task EraseAsync(IReadOnlyCollection<Guid> ids)
    {
        await using var store = await stores.CreateDbContextAsync();
        await store.LentLogins.Where(login => ids.Contains(login.Id)).ExecuteDeleteAsync();
    }

    private ISecondLogin Second(Database database) => CanLend(database) ? (ISecondLogin)engines.For(database) : throw new NotSupportedException($"Nobody signs in to {database.Name}.");

    private static LentEngine Lent(IDatabaseEngine engine) => new(engine, engine as IAsyncDisposable);

    private sealed record Wanted(Guid? LoginId);
}

/// <summary>An engine for as long as it is needed; one that was lent ends its sessions with it.</summary>
internal sealed class LentEngine(IDatabaseEngine engine, IAsyncDisposable? lent) : IAsyncDisposable
{
    public IDatabaseEngine Engine => engine;

    public ValueTask DisposeAsync() => lent?.DisposeAsync() ?? ValueTask.CompletedTask;
}

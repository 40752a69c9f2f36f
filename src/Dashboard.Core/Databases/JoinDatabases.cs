using Dashboard.Core.Access;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Dashboard.Core.Databases;

/// <summary>Every database of a server: those that are made later join by themselves, those that somebody left out or removed stay out.</summary>
public sealed partial class JoinDatabases(IDbContextFactory<DashboardStore> stores, EngineCatalog engines, AddDatabase add, IEnumerable<IAfterJoin> after, ILogger<JoinDatabases> logger)
{
    /// <summary>From now on new databases of the server join, seen from <paramref name="from"/>; what is there now and not registered is not wanted.</summary>
    public async Task StartAsync(Actor actor, Database from, bool withBackup, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(from);
        Permit.Demand(actor, Verb.AddDatabase, Subject.Installation);
        var check = await add.CheckAsync(actor, from.Engine, from.Location, cancellationToken, exceptId: from.Id);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var login = await FindAsync(store, from, cancellationToken) ?? throw new DatabaseException("This database has no login of its own to look for others with.", "Give user and password in its settings.");
        (login.JoinsFrom, login.JoinsWithBackup) = (from.Location, withBackup);
        login.NotWanted = string.Join('\n', check.Siblings.Where(sibling => !sibling.IsRegistered).Select(sibling => sibling.Location));
        await store.SaveChangesAsync(cancellationToken);
    }

    /// <summary>New databases join no more.</summary>
    public async Task StopAsync(Actor actor, Database of, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(of);
        Permit.Demand(actor, Verb.AddDatabase, Subject.Installation);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        if (await FindAsync(store, of, cancellationToken) is { } login)
        {
            login.JoinsFrom = null;
            await store.SaveChangesAsync(cancellationToken);
        }
    }

    /// <summary>Whether new databases of this one's server join; null when they can't, for it is alone or has no login.</summary>
    public async Task<bool?> IsOnAsync(Actor actor, Database of, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(of);
        Permit.Demand(actor, Verb.SeeDatabases, of.Subject);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        return await FindAsync(store, of, cancellationToken) is { } login ? login.JoinsFrom is not null : null;
    }

    /// <summary>Registers what has appeared. A server that does not answer keeps the others not.</summary>
    public async Task JoinAsync(CancellationToken cancellationToken)
    {
        Permit.Demand(Actor.Dashboard, Verb.AddDatabase, Subject.Installation);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        foreach (var login in await store.Logins.AsNoTracking().Where(login => login.JoinsFrom != null).ToListAsync(cancellationToken))
        {
            var check = await engines.For(login.Engine).CheckLocationAsync(login.JoinsFrom!, cancellationToken);
            if (check.Location is null)
            {
                CouldNotLook(logger, login.Server, check.Headline);
                continue;
            }

            var known = await store.Databases.Where(database => database.Engine == login.Engine).Select(database => database.Location).ToListAsync(cancellationToken);
            foreach (var sibling in check.Siblings.ExceptBy(known.Concat(login.NotWanted.Split('\n')), sibling => sibling.Location))
            {
                var joined = await add.RegisterOwnAsync(Actor.Dashboard, login.Engine, sibling.Location, sibling.Name, isSample: false, isOwnStore: false, cancellationToken);
                Joined(logger, joined.Name, login.Server);
                foreach (var next in after)
                {
                    await next.JoinedAsync(joined, login.JoinsWithBackup, cancellationToken);
                }
            }
        }
    }

    private async Task<StoredLogin?> FindAsync(DashboardStore store, Database of, CancellationToken cancellationToken) =>
        engines.For(of).LoginOf(of.Location) is var (server, user)
            ? await store.Logins.FirstOrDefaultAsync(login => login.Engine == of.Engine && login.Server == server && login.User == user, cancellationToken)
            : null;

    [LoggerMessage(3101, LogLevel.Information, "{Database} has joined: it is new on {Server}")]
    private static partial void Joined(ILogger logger, string database, string server);

    [LoggerMessage(3102, LogLevel.Warning, "New databases of {Server} could not be looked for: {Reason}")]
    private static partial void CouldNotLook(ILogger logger, string server, string reason);
}

/// <summary>What else happens to a database that has joined.</summary>
public interface IAfterJoin
{
    Task JoinedAsync(Database database, bool withBackup, CancellationToken cancellationToken);
}

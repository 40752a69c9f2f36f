using Dashboard.Core.Access;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Databases;

/// <summary>Registers a database; looks at what is being typed on the way there.</summary>
public sealed class AddDatabase(IDbContextFactory<DashboardStore> stores, EngineCatalog engines, Logins logins, JobFeed feed, TimeProvider time) : IDisposable
{
    internal const int MaxName = 120;

    /// <summary>Two clicks at once are one registration; the lock of the data folder keeps other processes away.</summary>
    private readonly SemaphoreSlim _oneAtATime = new(1);

    /// <summary>What is at a location, and whether it is registered already.</summary>
    public async Task<LocationCheck> CheckAsync(Actor actor, string engine, string location, CancellationToken cancellationToken, Guid? exceptId = null)
    {
        Permit.Demand(actor, Verb.AddDatabase, Subject.Installation);
        var check = await engines.For(engine).CheckLocationAsync(location, cancellationToken);
        if (check.Location is null)
        {
            return check;
        }

        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var known = check.Siblings.Count == 0 ? [] : await store.Databases.Where(database => database.Engine == engine && database.RemovedAt == null).Select(database => database.Location).ToListAsync(cancellationToken);
        check = check with { Siblings = [.. check.Siblings.Select(sibling => sibling with { IsRegistered = known.Contains(sibling.Location) })] };
        var twin = await store.Databases.AsNoTracking().FirstOrDefaultAsync(database => database.Engine == engine && database.Location == check.Location && database.RemovedAt == null && database.Id != exceptId, cancellationToken);
        return twin is null
            ? check with { SuggestedName = check.SuggestedName is { } name ? await NameApart.FreeAsync(store, engines.For(engine), name, check.Location, exceptId, cancellationToken) : null }
            : check with { Verdict = LocationVerdict.Refused, Headline = $"This is registered already, as “{twin.Name}”.", NextStep = "Open it from the fleet page, or give another path.", Location = null };
    }

    /// <summary>Registers it. A registration of the same place that was removed comes back, with its backups.</summary>
    /// <exception cref="DatabaseException">When the location or the name can't be taken; the message says why.</exception>
    public async Task<Database> AddAsync(Actor actor, string engine, string location, string? name, CancellationToken cancellationToken)
    {
        using var turn = await TurnAsync(cancellationToken);
        var check = await CheckAsync(actor, engine, location, cancellationToken);
        if (check.Verdict == LocationVerdict.Refused || check.Location is null)
        {
            throw new DatabaseException(check.Headline, check.NextStep);
        }

        var title = DemandName(string.IsNullOrWhiteSpace(name) ? check.SuggestedName : name);
        if (check.Login is { } login)
        {
            await logins.KeepAsync(login, cancellationToken);
        }

        return await RegisterAsync(engine, check.Location, title, isSample: false, isOwnStore: false, cancellationToken);
    }

    public void Dispose() => _oneAtATime.Dispose();

    /// <summary>For what the product itself brings: its own store, the sample, and what joins.</summary>
    internal async Task<Database> RegisterOwnAsync(Actor actor, string engine, string location, string name, bool isSample, bool isOwnStore, CancellationToken cancellationToken)
    {
        Permit.Demand(actor, Verb.AddDatabase, Subject.Installation);
        using var turn = await TurnAsync(cancellationToken);
        return await RegisterAsync(engine, location, name, isSample, isOwnStore, cancellationToken);
    }

    /// <exception cref="DatabaseException">When it is empty, too long or holds a control character.</exception>
    internal static string DemandName(string? name)
    {
        var trimmed = (name ?? "").Trim();
        return trimmed.Length == 0 ? throw new DatabaseException("The name is empty.", "Give the database a name.")
            : trimmed.Length > MaxName ? throw new DatabaseException($"The name has {trimmed.Length} characters; {MaxName} fit.", "Give it a shorter name.")
            : trimmed.Any(char.IsControl) ? throw new DatabaseException("The name holds a line break or another control character.", "Type the name without it.")
            : trimmed;
    }

    private async Task<Turn> TurnAsync(CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        return new Turn(_oneAtATime);
    }

    private sealed class Turn(SemaphoreSlim oneAtATime) : IDisposable
    {
        public void Dispose() => oneAtATime.Release();
    }

    private async Task<Database> RegisterAsync(string engine, string location, string name, bool isSample, bool isOwnStore, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var known = await store.Databases.FirstOrDefaultAsync(database => database.Engine == engine && database.Location == location && database.RemovedAt != null && database.IsSample == isSample, cancellationToken);
        var free = await NameApart.FreeAsync(store, engines.For(engine), name, location, known?.Id, cancellationToken);
        if (known is not null)
        {
            known.RemovedAt = null;
            known.Name = free;
        }
        else
        {
            var taken = await store.Databases.Select(database => database.Slug).ToListAsync(cancellationToken);
            known = new Database
            {
                Id = Guid.CreateVersion7(time.GetUtcNow()),
                Slug = Slug.Free(name, taken.ToHashSet()),
                Name = free,
                Engine = engine,
                Location = location,
                IsSample = isSample,
                IsOwnStore = isOwnStore,
                AddedAt = time.GetUtcNow(),
            };
            store.Databases.Add(known);
        }

        await store.SaveChangesAsync(cancellationToken);
        feed.Changed();
        return known;
    }
}

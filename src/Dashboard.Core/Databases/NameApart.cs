using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Databases;

/// <summary>
/// Two registered databases never have the same name: in lists, titles and where a name is typed, nobody could tell which one is meant. What would be called as another one
/// gets its server behind its name, or its folder where it is a file: "shop (db2:5432)".
/// </summary>
internal static class NameApart
{
    /// <summary>As it would be read: capital letters and blanks at the ends tell nobody apart.</summary>
    public static async Task<bool> IsTakenAsync(DashboardStore store, string name, Guid? exceptId, CancellationToken cancellationToken) =>
        (await NamesAsync(store, exceptId, cancellationToken)).Contains(name.Trim());

    public static async Task<string> FreeAsync(DashboardStore store, IDatabaseEngine engine, string name, string location, Guid? exceptId, CancellationToken cancellationToken)
    {
        var taken = await NamesAsync(store, exceptId, cancellationToken);
        return Choose(name.Trim(), PlaceOf(engine, location), taken);
    }

    /// <summary>Registrations of before names were told apart: the one that was added first keeps its name.</summary>
    public static async Task TellApartAsync(IDbContextFactory<DashboardStore> stores, EngineCatalog engines, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var databases = await store.Databases.Where(database => database.RemovedAt == null).OrderBy(database => database.AddedAt).ToListAsync(cancellationToken);
        var taken = databases.Select(database => database.Name.Trim()).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var later in databases.GroupBy(database => database.Name.Trim(), StringComparer.OrdinalIgnoreCase).SelectMany(same => same.OrderBy(database => database.AddedAt).Skip(1)))
        {
            later.Name = Choose(later.Name.Trim(), PlaceOf(engines.For(later), later.Location), taken);
            taken.Add(later.Name);
        }

        await store.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Pure.</summary>
    internal static string Choose(string name, string? place, IReadOnlySet<string> taken)
    {
        if (!taken.Contains(name))
        {
            return name;
        }

        for (var number = 1; ; number++)
        {
            var suffix = (string.IsNullOrEmpty(place) ? "" : $" ({place})") + (number == 1 ? "" : $" {number}");
            var candidate = suffix.Length == 0 || suffix.Length > AddDatabase.MaxName / 2 ? $"{Cut(name, 10)} {number + 1}" : Cut(name, suffix.Length) + suffix;
            if (!taken.Contains(candidate))
            {
                return candidate;
            }
        }
    }

    private static string? PlaceOf(IDatabaseEngine engine, string location) => engine.LoginOf(location)?.Server ?? engine.FolderOf(location);

    private static string Cut(string name, int room) => name.Length + room <= AddDatabase.MaxName ? name : name[..(AddDatabase.MaxName - room)];

    private static async Task<HashSet<string>> NamesAsync(DashboardStore store, Guid? exceptId, CancellationToken cancellationToken) =>
        (await store.Databases.Where(database => database.RemovedAt == null && database.Id != exceptId).Select(database => database.Name).ToListAsync(cancellationToken))
            .Select(name => name.Trim()).ToHashSet(StringComparer.OrdinalIgnoreCase);
}

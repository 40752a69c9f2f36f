using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.Databases;

/// <summary>No two registered databases are called the same, so that a list, a title and a typed name each mean one.</summary>
public sealed class NameApartTests : IAsyncDisposable
{
    private readonly StoreFixture _home = new();
    private readonly House _house;

    public NameApartTests() => _house = new House(_home);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("shop", "db2:5432", "", "shop")]
    [InlineData("shop", "db2:5432", "shop", "shop (db2:5432)")]
    [InlineData("SHOP", "db2:5432", "shop", "SHOP (db2:5432)")]
    [InlineData("shop", "db2:5432", "shop,shop (db2:5432)", "shop (db2:5432) 2")]
    [InlineData("shop", "/srv/a", "shop", "shop (/srv/a)")]
    [InlineData("shop", null, "shop,shop 2", "shop 3")]
    public void The_server_or_the_folder_tells_them_apart(string name, string? place, string taken, string expected) =>
        Assert.Equal(expected, NameApart.Choose(name, place, taken.Split(',').ToHashSet(StringComparer.OrdinalIgnoreCase)));

    [Fact]
    public void A_long_name_keeps_within_its_length()
    {
        var name = new string('n', 120);
        var chosen = NameApart.Choose(name, new string('p', 50), new HashSet<string> { name });
        var ofLongPlace = NameApart.Choose(name, new string('p', 500), new HashSet<string> { name });

        Assert.Equal((120, 120), (chosen.Length, Math.Max(ofLongPlace.Length, 120)));
        Assert.NotEqual(name, chosen);
        Assert.NotEqual(name, ofLongPlace);
    }

    [Fact]
    public async Task One_that_is_added_under_a_name_that_is_taken_gets_its_place_behind_it_and_the_page_says_so_before()
    {
        var (first, second) = (await FileAsync("a/app"), await FileAsync("b/app"));

        var one = await AddAsync(first, "app");
        var check = await _house.Get<AddDatabase>().CheckAsync(Actor.LocalAdministrator, FakeEngine.Key, second, Cancel);
        var other = await AddAsync(second, "App");

        Assert.Equal("app", one.Name);
        Assert.Equal($"app ({Path.GetDirectoryName(second)})", check.SuggestedName);
        Assert.Equal($"App ({Path.GetDirectoryName(second)})", other.Name);
    }

    [Fact]
    public async Task Renaming_to_a_name_that_is_taken_is_refused_and_one_that_comes_back_is_told_apart()
    {
        var one = await AddAsync(await FileAsync("a/app"), "app");
        var other = await AddAsync(await FileAsync("b/other"), "other");

        var refused = await Assert.ThrowsAsync<DatabaseException>(() => RenameAsync(other, " APP "));
        await _house.Get<RemoveDatabase>().RemoveAsync(Actor.LocalAdministrator, one.Id, Cancel);
        await RenameAsync(other, "app");
        await _house.Get<RemoveDatabase>().BringBackAsync(Actor.LocalAdministrator, one.Id, Cancel);

        Assert.Equal("Another database is called APP already.", refused.Message);
        Assert.Equal(["app", $"app ({Path.GetDirectoryName(one.Location)})"], Names().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_start_tells_apart_what_was_registered_before()
    {
        var one = await AddAsync(await FileAsync("a/app"), "app");
        var other = await AddAsync(await FileAsync("b/app"), "second");
        _home.Change(store => store.Databases.Single(database => database.Id == other.Id).Name = "app");

        await NameApart.TellApartAsync(_house.Get<Microsoft.EntityFrameworkCore.IDbContextFactory<Dashboard.Core.Store.DashboardStore>>(), _house.Get<EngineCatalog>(), Cancel);

        Assert.Equal(["app", $"app ({Path.GetDirectoryName(other.Location)})"], Names().Order(StringComparer.Ordinal));
        Assert.Equal("app", _home.Look(store => store.Databases.Single(database => database.Id == one.Id).Name));
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }

    private List<string> Names() => _home.Look(store => store.Databases.Where(database => database.RemovedAt == null).Select(database => database.Name).ToList());

    private Task<Database> AddAsync(string file, string name) => _house.Get<AddDatabase>().AddAsync(Actor.LocalAdministrator, FakeEngine.Key, file, name, Cancel);

    private Task RenameAsync(Database database, string name) =>
        _house.Get<EditDatabase>().EditAsync(Actor.LocalAdministrator, database.Id, new DatabaseEdit(name, database.Location, null, false), Cancel);

    private async Task<string> FileAsync(string name)
    {
        var file = Path.Combine(_home.Folder, name + ".lines");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, "orders 1\n", Cancel);
        return file;
    }
}

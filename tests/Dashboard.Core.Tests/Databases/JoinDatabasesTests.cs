using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.Databases;

public sealed class JoinDatabasesTests : IAsyncDisposable
{
    private readonly StoreFixture _home = new();
    private readonly House _house;

    public JoinDatabasesTests() => _house = new House(_home);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private JoinDatabases Join => _house.Get<JoinDatabases>();

    [Fact]
    public async Task What_is_new_on_the_server_joins_and_what_was_left_out_or_removed_stays_out()
    {
        _house.Engine.Siblings.Add(Sibling("unwanted"));
        var shop = await _house.RegisterAsync("Shop", "orders 1");
        await Join.StartAsync(Actor.LocalAdministrator, shop, withBackup: true, Cancel);
        Assert.True(await Join.IsOnAsync(Actor.LocalAdministrator, shop, Cancel));

        _house.Engine.Siblings.Add(Sibling("fresh"));
        await Join.JoinAsync(Cancel);
        await Join.JoinAsync(Cancel);

        var joined = Assert.Single(_home.Look(store => store.Databases.Where(database => database.Name != "Shop").ToList()));
        Assert.Equal("fresh", joined.Name);
        Assert.True(_home.Look(store => store.Schedules.Single(schedule => schedule.SubjectId == joined.Id)).IsOn);

        _home.Change(store => store.Databases.Single(database => database.Id == joined.Id).RemovedAt = _home.Time.GetUtcNow());
        await Join.JoinAsync(Cancel);
        Assert.NotNull(_home.Look(store => store.Databases.Single(database => database.Id == joined.Id)).RemovedAt);

        await Join.StopAsync(Actor.LocalAdministrator, shop, Cancel);
        _house.Engine.Siblings.Add(Sibling("later"));
        await Join.JoinAsync(Cancel);
        Assert.False(_home.Look(store => store.Databases.Any(database => database.Name == "later")));
    }

    [Fact]
    public async Task A_password_is_kept_encrypted_and_in_no_location()
    {
        _house.Engine.Siblings.Add(Sibling("other"));

        await _house.RegisterAsync("Shop", "orders 1");

        var login = _home.Look(store => store.Logins.Single());
        Assert.Equal(("fake:1", "me"), (login.Server, login.User));
        Assert.DoesNotContain("canary", login.Secret, StringComparison.Ordinal);
        Assert.Equal("canary", await _house.Get<ILogins>().FindPasswordAsync(FakeEngine.Key, "fake:1", "me", Cancel));
        Assert.DoesNotContain("canary", new Login(FakeEngine.Key, "fake:1", "me", "canary").ToString(), StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }

    private LocationSibling Sibling(string name) => new(Path.Combine(_home.Folder, name + ".lines"), name, 1);
}

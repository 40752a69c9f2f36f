using Dashboard.Core.Databases;
using Dashboard.Core.Store;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;
using Dashboard.Sqlite.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Tests.Store;

public sealed class SqliteStoreTests : IDisposable
{
    private readonly StoreFixture _home = new();
    private readonly FaultyStores _stores;

    public SqliteStoreTests() => _stores = _home.Stores;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_store_is_made_and_a_second_start_changes_nothing()
    {
        File.Delete(_home.Data.StoreFile);

        await PrepareAsync(_stores);
        _home.Change(store => store.Databases.Add(Shop()));
        await PrepareAsync(_stores);

        Assert.Single(_home.Look(store => store.Databases.ToList()));
        Assert.Empty(Copies());
    }

    [Fact]
    public async Task A_store_of_this_version_is_not_written_to_at_a_start()
    {
        _home.Change(store => store.Databases.Add(Shop()));
        await using var other = _stores.CreateDbContext();
        await other.Database.OpenConnectionAsync(Cancel);
        await other.Database.ExecuteSqlRawAsync("BEGIN IMMEDIATE", Cancel);

        // Would wait for half a minute and fail.
        await PrepareAsync(_stores);

        await other.Database.ExecuteSqlRawAsync("ROLLBACK", Cancel);
    }

    [Fact]
    public async Task A_store_that_a_newer_version_wrote_is_refused_and_left_alone()
    {
        _home.Change(store => store.Database.ExecuteSqlRaw("INSERT INTO __EFMigrationsHistory VALUES ('20991231235959_Future', '99.0.0')"));

        var refused = await Assert.ThrowsAsync<StoreIsNewerException>(() => PrepareAsync(_stores));

        Assert.Contains("20991231235959_Future", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Copies());
    }

    [Fact]
    public async Task Before_a_migration_the_store_is_copied_whole_into_one_file_beside_it()
    {
        _home.Change(store =>
        {
            store.Databases.Add(Shop());
            store.Database.ExecuteSqlRaw("DELETE FROM __EFMigrationsHistory");
            store.Database.ExecuteSqlRaw("INSERT INTO __EFMigrationsHistory VALUES ({0}, '1.0.0')", StoresOfTheNextVersion.First.Name);
        });

        await PrepareAsync(new StoresOfTheNextVersion(_home.Data.StoreFile));

        var copy = Assert.Single(Copies());
        Assert.EndsWith($"dashboard.db.before-{StoresOfTheNextVersion.First.Name}-20261122-100000", copy, StringComparison.Ordinal);

        // Byte 18 of the header: 1 is a rollback journal, 2 a write-ahead log.
        Assert.Equal(1, (await File.ReadAllBytesAsync(copy, Cancel))[18]);
        await using var old = new FaultyStores(options => SqliteStore.Use(options, copy)).CreateDbContext();
        Assert.Equal("Shop", (await old.Databases.SingleAsync(Cancel)).Name);
        Assert.Equal([StoresOfTheNextVersion.First.Name], await old.Database.GetAppliedMigrationsAsync(Cancel));
        await using var store = _stores.CreateDbContext();
        Assert.Contains(StoresOfTheNextVersion.Next.Name, await store.Database.GetAppliedMigrationsAsync(Cancel));
        Assert.Empty(await store.Databases.ToListAsync(Cancel));
    }

    [Fact]
    public void A_store_that_knows_itself_is_as_it_was_left()
    {
        _home.Change(store => store.Databases.Add(Own(_home.Data.StoreFile)));

        Assert.True(SqliteStore.IsAsLeft(_home.Data));
    }

    [Fact]
    public void A_store_that_is_missing_is_not_as_it_was_left_and_is_not_made_by_asking()
    {
        File.Delete(_home.Data.StoreFile);

        Assert.False(SqliteStore.IsAsLeft(_home.Data));
        Assert.False(File.Exists(_home.Data.StoreFile));
    }

    [Fact]
    public void A_file_that_holds_no_store_yet_is_not_as_it_was_left()
    {
        File.WriteAllBytes(_home.Data.StoreFile, []);

        Assert.False(SqliteStore.IsAsLeft(_home.Data));
    }

    [Fact]
    public void A_store_whose_first_run_was_not_made_or_that_was_moved_is_not_as_it_was_left()
    {
        Assert.False(SqliteStore.IsAsLeft(_home.Data));

        _home.Change(store => store.Databases.Add(Own("/where/it/was")));

        Assert.False(SqliteStore.IsAsLeft(_home.Data));
    }

    [Theory]
    [InlineData("INSERT INTO __EFMigrationsHistory VALUES ('20991231235959_Future', '99.0.0')")]
    [InlineData("DELETE FROM __EFMigrationsHistory WHERE MigrationId = (SELECT MAX(MigrationId) FROM __EFMigrationsHistory)")]
    public void A_store_of_another_version_is_not_as_it_was_left(string difference)
    {
        _home.Change(store =>
        {
            store.Databases.Add(Own(_home.Data.StoreFile));
            store.Database.ExecuteSqlRaw(difference);
        });

        Assert.False(SqliteStore.IsAsLeft(_home.Data));
    }

    [Fact]
    public void Times_come_back_as_they_went_in_to_the_last_tick()
    {
        var at = new DateTimeOffset(2026, 10, 25, 2, 30, 0, 123, TimeSpan.FromHours(2)).AddTicks(4567);
        _home.Change(store => store.Databases.Add(Shop(at)));

        var read = _home.Look(store => store.Databases.AsNoTracking().Single(database => database.AddedAt <= at));

        Assert.Equal((at, TimeSpan.Zero), (read.AddedAt, read.AddedAt.Offset));
    }

    public void Dispose() => _home.Dispose();

    private Task PrepareAsync(IDbContextFactory<DashboardStore> stores) => SqliteStore.PrepareAsync(stores, _home.Data, _home.Time, Cancel);

    private string[] Copies() => Directory.GetFiles(_home.Data.Path, "dashboard.db.before-*");

    private static Database Shop(DateTimeOffset? at = null) => new() { Id = Guid.NewGuid(), Slug = "shop", Name = "Shop", Engine = FakeEngine.Key, Location = "/shop", AddedAt = at ?? StoreFixture.Start };

    private static Database Own(string location) => new() { Id = Guid.NewGuid(), Slug = "dashboard", Name = "dashboard", Engine = FakeEngine.Key, Location = location, IsOwnStore = true, AddedAt = StoreFixture.Start };
}

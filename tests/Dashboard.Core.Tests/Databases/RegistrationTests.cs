using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Fleet;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Core.Schedules;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Tests.Databases;

public sealed class RegistrationTests : IAsyncDisposable
{
    private readonly StoreFixture _home = new();
    private readonly House _house;

    public RegistrationTests() => _house = new House(_home);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_is_registered_with_an_address_of_its_own()
    {
        var shop = await _house.RegisterAsync("Crème Shop");

        Assert.Equal(("creme-shop", "Crème Shop", StoreFixture.Start), (shop.Slug, shop.Name, shop.AddedAt));
        Assert.Equal("Lines", (await _house.Get<ReadFleet>().FindAsync(Actor.LocalAdministrator, "creme-shop", Cancel))!.EngineTitle);
    }

    [Fact]
    public async Task Without_a_name_it_gets_the_one_of_its_file()
    {
        var file = await FileAsync("orders");

        Assert.Equal("orders", (await AddAsync(file, " ")).Name);
    }

    [Fact]
    public async Task One_place_is_registered_once()
    {
        var shop = await _house.RegisterAsync("Shop");

        var refused = await Assert.ThrowsAsync<DatabaseException>(() => AddAsync(shop.Location, "Other"));

        Assert.Equal("This is registered already, as “Shop”.", refused.Message);
    }

    [Fact]
    public async Task Ten_clicks_at_once_are_one_registration()
    {
        var file = await FileAsync("shop");

        var added = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(() => IsAddedAsync(file), Cancel)));

        Assert.Single(added, isAdded => isAdded);
        Assert.Single(_home.Look(store => store.Databases.ToList()));
    }

    [Fact]
    public async Task Two_of_one_name_have_two_addresses()
    {
        var one = await AddAsync(await FileAsync("a"), "Shop");
        var other = await AddAsync(await FileAsync("b"), "Shop");

        Assert.Equal(("shop", "shop-2"), (one.Slug, other.Slug));
    }

    [Fact]
    public async Task Nothing_there_is_refused_with_a_next_step()
    {
        var refused = await Assert.ThrowsAsync<DatabaseException>(() => AddAsync(Path.Combine(_home.Folder, "nothing"), "Shop"));

        Assert.Equal(("There is nothing there.", "Look for typing mistakes."), (refused.Message, refused.NextStep));
    }

    [Theory]
    [InlineData("a\nb")]
    [InlineData("\u0000")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890")]
    public async Task A_name_that_can_not_be_shown_is_refused(string name)
    {
        var file = await FileAsync("shop");

        await Assert.ThrowsAsync<DatabaseException>(() => AddAsync(file, name));
    }

    [Fact]
    public async Task A_removed_registration_comes_back_with_its_address_and_its_backups()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");
        await _house.StartAsync();
        var backup = await _house.BackUpAsync(shop);
        await RemoveAsync(shop);
        Assert.Null(await _house.Get<ReadFleet>().FindAsync(Actor.LocalAdministrator, "shop", Cancel));
        Assert.True(File.Exists(Path.Combine(backup.Folder, backup.FileName)));

        var again = await AddAsync(shop.Location, "Shop again");

        Assert.Equal((shop.Id, "shop", "Shop again"), (again.Id, again.Slug, again.Name));
        Assert.Equal(RunState.Succeeded, (await _house.RestoreAsync(backup)).State);
    }

    [Fact]
    public async Task Another_database_does_not_get_the_address_of_a_removed_one()
    {
        await RemoveAsync(await _house.RegisterAsync("Shop"));

        Assert.Equal("shop-2", (await AddAsync(await FileAsync("other"), "Shop")).Slug);
    }

    [Fact]
    public async Task Removed_nothing_of_it_is_due_and_brought_back_its_schedules_are_as_they_were_and_catch_nothing_up()
    {
        var shop = await _house.RegisterAsync("Shop");
        await _house.Get<SetSchedule>().SetAsync(Actor.LocalAdministrator, shop.Subject, JobKeys.Backup, true, SetSchedule.Daily, "Etc/UTC", Cancel);

        await _house.Get<SetSchedule>().SetAsync(Actor.LocalAdministrator, shop.Subject, JobKeys.Maintenance, true, "30 3 * * 0", "Etc/UTC", Cancel, new MaintenanceArguments("vacuum"));
        await _house.Get<SetSchedule>().SetAsync(Actor.LocalAdministrator, shop.Subject, JobKeys.Maintenance, false, "0 4 * * *", "Etc/UTC", Cancel, new MaintenanceArguments("analyze"));
        var before = Plans();

        await RemoveAsync(shop);

        _home.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(0, await _house.Get<QueueDueSchedules>().QueueAsync(Cancel));
        Assert.All(_home.Look(store => store.Schedules.ToList()), schedule => Assert.Null(schedule.NextAt));
        Assert.Equal([shop.Id], (await _house.Get<ReadFleet>().ListRemovedAsync(Actor.LocalAdministrator, 30, _home.Time, Cancel)).Select(database => database.Id));
        await _house.Get<RemoveDatabase>().BringBackAsync(Actor.LocalAdministrator, shop.Id, Cancel);
        Assert.Equal([shop.Id], (await _house.Get<ReadFleet>().ListAsync(Actor.LocalAdministrator, Cancel)).Select(row => row.Database.Id));
        Assert.Equal(0, await _house.Get<QueueDueSchedules>().QueueAsync(Cancel));
        Assert.Equal(before, Plans());
        Assert.All(_home.Look(store => store.Schedules.ToList()), schedule => Assert.Equal(schedule.IsOn, schedule.NextAt > _home.Time.GetUtcNow()));

        List<string> Plans() => [.. _home.Look(store => store.Schedules.ToList()).Select(schedule => $"{schedule.Job} {schedule.Arguments} {schedule.Cron} {schedule.IsOn}").Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task It_is_not_brought_back_beside_another_registration_of_the_same_place()
    {
        var shop = await _house.RegisterAsync("Shop");
        await RemoveAsync(shop);
        _home.Change(store => store.Databases.Add(new Database { Id = Guid.NewGuid(), Slug = "twin", Name = "Twin", Engine = FakeEngine.Key, Location = shop.Location, AddedAt = StoreFixture.Start }));

        await Assert.ThrowsAsync<DatabaseException>(() => _house.Get<RemoveDatabase>().BringBackAsync(Actor.LocalAdministrator, shop.Id, Cancel));
    }

    [Fact]
    public async Task A_database_with_an_open_run_is_neither_removed_nor_moved()
    {
        var shop = await _house.RegisterAsync("Shop");
        var run = await _house.AskAsync(JobKeys.Backup, shop);
        var elsewhere = await FileAsync("elsewhere");

        Assert.Equal(run.Id, (await Assert.ThrowsAsync<RunConflictException>(() => RemoveAsync(shop))).OtherRun);
        Assert.Equal(run.Id, (await Assert.ThrowsAsync<RunConflictException>(() => EditAsync(shop, new DatabaseEdit("Shop", elsewhere, null, false)))).OtherRun);
        await EditAsync(shop, new DatabaseEdit("Shop, renamed", shop.Location, null, false));

        Assert.Equal(("Shop, renamed", shop.Location), (Read(shop).Name, Read(shop).Location));
    }

    [Fact]
    public async Task The_dashboards_own_store_is_neither_removed_nor_moved()
    {
        var own = await _house.Get<AddDatabase>().RegisterOwnAsync(Actor.Dashboard, FakeEngine.Key, await FileAsync("own"), "dashboard", isSample: false, isOwnStore: true, Cancel);
        var elsewhere = await FileAsync("elsewhere");

        await Assert.ThrowsAsync<DatabaseException>(() => RemoveAsync(own));
        await Assert.ThrowsAsync<DatabaseException>(() => EditAsync(own, new DatabaseEdit("dashboard", elsewhere, null, false)));
    }

    [Fact]
    public async Task An_edit_renames_moves_and_keeps_the_address()
    {
        var shop = await _house.RegisterAsync("Shop");
        var (elsewhere, folder) = (await FileAsync("elsewhere"), Directory.CreateDirectory(Path.Combine(_home.Folder, "backups of shop")).FullName);

        await EditAsync(shop, new DatabaseEdit(" Store ", elsewhere, folder, true));

        var read = Read(shop);
        Assert.Equal(("Store", "shop", elsewhere, folder, true), (read.Name, read.Slug, read.Location, read.BackupFolder, read.AlwaysAskForName));
        Assert.Equal(Path.Combine(folder, "shop"), _house.FolderOf(read));
    }

    [Fact]
    public async Task An_edit_that_can_not_be_taken_changes_nothing()
    {
        var shop = await _house.RegisterAsync("Shop");
        var blog = await _house.RegisterAsync("Blog");

        await Assert.ThrowsAsync<DatabaseException>(() => EditAsync(shop, new DatabaseEdit("", shop.Location, null, true)));
        await Assert.ThrowsAsync<DatabaseException>(() => EditAsync(shop, new DatabaseEdit("New", blog.Location, null, true)));
        await Assert.ThrowsAsync<DatabaseException>(() => EditAsync(shop, new DatabaseEdit("New", Path.Combine(_home.Folder, "nothing"), null, true)));
        await Assert.ThrowsAsync<DatabaseException>(() => EditAsync(shop, new DatabaseEdit("New", shop.Location, "relative", true)));
        await Assert.ThrowsAsync<DatabaseMissingException>(() => _house.Get<EditDatabase>().EditAsync(Actor.LocalAdministrator, Guid.NewGuid(), new DatabaseEdit("New", "", null, true), Cancel));

        Assert.Equivalent(shop, Read(shop));
    }

    [Fact]
    public async Task Only_the_sample_can_be_broken_and_it_comes_back_when_it_was_removed()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");
        await new FakeSample().CreateAsync(_home.Data.SampleFile, Cancel);
        var sample = await _house.Get<AddDatabase>().RegisterOwnAsync(Actor.Dashboard, FakeEngine.Key, _home.Data.SampleFile, "sample-archive", isSample: true, isOwnStore: false, Cancel);

        await Assert.ThrowsAsync<DatabaseException>(() => _house.Get<BreakSample>().BreakAsync(Actor.LocalAdministrator, shop.Id, Cancel));
        Assert.Equal("1 book is gone.", await _house.Get<BreakSample>().BreakAsync(Actor.LocalAdministrator, sample.Id, Cancel));
        await RemoveAsync(sample);
        Assert.False(File.Exists(_home.Data.SampleFile));
        await _house.Get<RemoveDatabase>().BringBackAsync(Actor.LocalAdministrator, sample.Id, Cancel);

        Assert.Equal("books 1\nbooks 2\n", await File.ReadAllTextAsync(_home.Data.SampleFile, Cancel));
    }

    [Fact]
    public async Task A_stranger_may_do_none_of_it()
    {
        var shop = await _house.RegisterAsync("Shop");
        var mallory = new Actor("Mallory", ActorKind.Person);

        await Assert.ThrowsAsync<PermissionDeniedException>(() => _house.Get<AddDatabase>().CheckAsync(mallory, FakeEngine.Key, "/", Cancel));
        await Assert.ThrowsAsync<PermissionDeniedException>(() => _house.Get<AddDatabase>().AddAsync(mallory, FakeEngine.Key, "/", "x", Cancel));
        await Assert.ThrowsAsync<PermissionDeniedException>(() => _house.Get<EditDatabase>().EditAsync(mallory, shop.Id, new DatabaseEdit("x", "/", null, false), Cancel));
        await Assert.ThrowsAsync<PermissionDeniedException>(() => _house.Get<RemoveDatabase>().RemoveAsync(mallory, shop.Id, Cancel));
        await Assert.ThrowsAsync<PermissionDeniedException>(() => _house.Get<RemoveDatabase>().BringBackAsync(mallory, shop.Id, Cancel));
        await Assert.ThrowsAsync<PermissionDeniedException>(() => _house.Get<BreakSample>().BreakAsync(mallory, shop.Id, Cancel));
        await Assert.ThrowsAsync<PermissionDeniedException>(() => _house.Get<ReadFleet>().ListAsync(mallory, Cancel));
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }

    private async Task<string> FileAsync(string name)
    {
        var file = Path.Combine(_home.Folder, name + ".lines");
        await File.WriteAllTextAsync(file, "orders 1\n", Cancel);
        return file;
    }

    private Task<Database> AddAsync(string location, string? name) => _house.Get<AddDatabase>().AddAsync(Actor.LocalAdministrator, FakeEngine.Key, location, name, Cancel);

    private async Task<bool> IsAddedAsync(string location)
    {
        try
        {
            await AddAsync(location, "Shop");
            return true;
        }
        catch (DatabaseException)
        {
            return false;
        }
    }

    private Task EditAsync(Database database, DatabaseEdit edit) => _house.Get<EditDatabase>().EditAsync(Actor.LocalAdministrator, database.Id, edit, Cancel);

    private Task RemoveAsync(Database database) => _house.Get<RemoveDatabase>().RemoveAsync(Actor.LocalAdministrator, database.Id, Cancel);

    private Database Read(Database database) => _home.Look(store => store.Databases.AsNoTracking().Single(row => row.Id == database.Id));
}

using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.FirstRun;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.FirstRun;

public sealed class MakeFirstRunTests : IDisposable
{
    private readonly StoreFixture _home = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Finds_a_sample_and_the_store_only_where_that_is_a_file()
    {
        await using var house = new House(_home);

        await house.Get<MakeFirstRun>().MakeAsync(Cancel);
        await house.Get<MakeFirstRun>().MakeAsync(Cancel);

        string[] wanted = _home.Store.File is null ? [MakeFirstRun.SampleName] : [MakeFirstRun.StoreName, MakeFirstRun.SampleName];
        Assert.Equal(wanted, _home.Look(store => store.Databases.Select(database => database.Name).ToList()).Order());
        Assert.Equal(wanted.Length - 1, _home.Look(store => store.Runs.Count()));
    }

    [Fact]
    public async Task Does_not_bring_back_a_sample_that_was_removed()
    {
        await using var house = new House(_home);
        await house.Get<MakeFirstRun>().MakeAsync(Cancel);
        var sample = _home.Look(store => store.Databases.Single(database => database.IsSample));

        await house.Get<RemoveDatabase>().RemoveAsync(Actor.LocalAdministrator, sample.Id, Cancel);
        await house.Get<MakeFirstRun>().MakeAsync(Cancel);

        Assert.NotNull(_home.Look(store => store.Databases.Single(database => database.IsSample)).RemovedAt);
    }

    [Fact]
    public async Task Makes_no_sample_where_none_is_wanted()
    {
        await using var house = new House(_home, options: options => options.Sample = false);

        await house.Get<MakeFirstRun>().MakeAsync(Cancel);

        Assert.Equal(_home.Store.File is null ? 0 : 1, _home.Look(store => store.Databases.Count(database => !database.IsSample)));
    }

    public void Dispose() => _home.Dispose();
}

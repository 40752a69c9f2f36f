using Dashboard.Core.Access;
using Dashboard.Core.Jobs;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.Jobs;

public sealed class ReconcileRunsTests : IAsyncDisposable
{
    private readonly StoreFixture _home = new();
    private readonly House _house;

    public ReconcileRunsTests() => _house = new House(_home);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_that_is_stored_for_this_process_while_it_starts_is_not_closed()
    {
        var run = await StoreAsync();
        using (_house.Feed.Announce(run.Id))
        {
            await ReconcileAsync();
            Assert.Equal(RunState.Queued, _house.Read(run).State);
        }
    }

    [Fact]
    public async Task One_that_a_dead_process_left_is_closed()
    {
        var run = await StoreAsync();

        await ReconcileAsync();

        Assert.Equal(RunState.Interrupted, _house.Read(run).State);
    }

    /// <summary>Stored, and not yet in the feed: what a start sees of a request at that moment.</summary>
    private async Task<Run> StoreAsync()
    {
        var shop = await _house.RegisterAsync("Shop", "orders 1");
        var now = _home.Time.GetUtcNow();
        var run = new Run
        {
            Id = Guid.CreateVersion7(now),
            Job = JobKeys.Restore,
            SubjectKind = shop.Subject.Kind,
            SubjectId = shop.Id,
            AskedBy = Actor.LocalAdministrator.Name,
            DueAt = now,
            QueuedAt = now,
            Writes = true,
            IsOneAtATime = false,
        };
        _home.Change(store =>
        {
            store.Runs.Add(run);
            store.SaveChanges();
        });
        return run;
    }

    private async Task ReconcileAsync()
    {
        foreach (var step in _house.All<IBeforeWork>().OfType<ReconcileRuns>())
        {
            await step.PrepareAsync(Cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }
}

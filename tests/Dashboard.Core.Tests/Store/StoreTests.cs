using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Tests.Store;

/// <summary>What must hold for the store on whatever engine it is.</summary>
public sealed class StoreTests : IDisposable
{
    private readonly StoreFixture _home = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void The_migrations_hold_all_that_the_model_says()
    {
        using var store = _home.Stores.CreateDbContext();

        Assert.False(store.Database.HasPendingModelChanges());
    }

    [Fact]
    public void Times_come_back_to_the_microsecond_whatever_their_zone()
    {
        var at = new DateTimeOffset(2026, 10, 25, 2, 30, 0, 123, TimeSpan.FromHours(2)).AddTicks(4560);
        _home.Change(store => store.Databases.Add(Shop(at)));

        var read = _home.Look(store => store.Databases.AsNoTracking().Single(database => database.AddedAt <= at));

        Assert.Equal((at, TimeSpan.Zero), (read.AddedAt, read.AddedAt.Offset));
    }

    [Fact]
    public async Task A_due_time_finer_than_the_store_keeps_is_one_run_all_the_same()
    {
        await using var house = new House(_home);
        var shop = await house.RegisterAsync("Shop", "orders 1");
        var slot = (Guid.NewGuid(), StoreFixture.Start.AddTicks(1234567));

        var first = await house.Get<AskForRun>().AskAsync(Actor.Schedule, "backup", shop.Subject, null, Cancel, slot);
        _home.Change(store => store.Runs.ExecuteUpdate(run => run.SetProperty(r => r.State, RunState.Succeeded)));
        var second = await house.Get<AskForRun>().AskAsync(Actor.Schedule, "backup", shop.Subject, null, Cancel, slot);

        Assert.Equal(first.Id, second.Id);
        Assert.Equal(1, _home.Look(store => store.Runs.Count()));
    }

    [Theory]
    [InlineData("a\0b")]
    [InlineData("half a pair \ud83e")]
    [InlineData("\udd8a and the other half")]
    [InlineData("🦊 \r\n\t\u0001\uffff")]
    public void A_line_of_any_text_is_stored(string text)
    {
        var run = new Run { Id = Guid.CreateVersion7(), Job = "script", SubjectKind = SubjectKind.Installation, SubjectId = Guid.Empty, AskedBy = "", DueAt = StoreFixture.Start, QueuedAt = StoreFixture.Start, Writes = false };
        _home.Change(store =>
        {
            store.Runs.Add(run);
            store.RunLines.Add(new RunLine { RunId = run.Id, At = StoreFixture.Start, Level = LineLevel.Info, Text = text });
        });
        _home.Change(store => store.Runs.Where(row => row.Id == run.Id).ExecuteUpdate(row => row.SetProperty(r => r.Summary, text)));

        Assert.Equal(text.Length, _home.Look(store => store.RunLines.Single()).Text.Length);
        Assert.Equal(text.Length, _home.Look(store => store.Runs.Single()).Summary?.Length);
    }

    [Fact]
    public void Lines_of_a_run_come_back_in_their_order()
    {
        var run = new Run { Id = Guid.CreateVersion7(), Job = "script", SubjectKind = SubjectKind.Installation, SubjectId = Guid.Empty, AskedBy = "", DueAt = StoreFixture.Start, QueuedAt = StoreFixture.Start, Writes = false };
        _home.Change(store => store.Runs.Add(run));
        for (var batch = 0; batch < 3; batch++)
        {
            _home.Change(store => store.RunLines.AddRange(Enumerable.Range(0, 100).Select(number => new RunLine { RunId = run.Id, At = StoreFixture.Start, Level = LineLevel.Info, Text = $"{batch * 100 + number}" })));
        }

        Assert.Equal(Enumerable.Range(0, 300).Select(number => $"{number}"), _home.Look(store => store.RunLines.OrderBy(line => line.Id).Select(line => line.Text).ToList()));
    }

    public void Dispose() => _home.Dispose();

    private static Database Shop(DateTimeOffset? at = null) => new() { Id = Guid.NewGuid(), Slug = "shop", Name = "Shop", Engine = FakeEngine.Key, Location = "/shop", AddedAt = at ?? StoreFixture.Start };
}

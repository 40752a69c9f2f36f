using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.Maintenance;

/// <summary>What a run left out stands in its result: whoever reads that must not have to look into the history.</summary>
public sealed class ResultInFullTests : IAsyncDisposable
{
    private readonly StoreFixture _home = new();
    private readonly House _house;

    public ResultInFullTests() => _house = new House(_home);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("vacuum")]
    [InlineData(null)]
    public async Task What_a_task_left_out_is_named(string? task)
    {
        _house.Engine.Tasks = [new FakeTask("vacuum", (_, _) => Task.FromResult(new MaintenanceResult("Vacuumed 2 tables.", "Skipped 2 tables that were locked by another session.", "Run it again.") { Findings = ["orders: locked", "items: locked"] }))];

        var run = await RunAsync(task);

        Assert.Equal((RunState.SucceededWithWarnings, "Skipped 2 tables that were locked by another session.\norders: locked\nitems: locked"), (run.State, run.Problem));
    }

    [Fact]
    public async Task A_task_that_was_refused_says_why()
    {
        _house.Engine.Tasks = [new FakeTask("check", (_, _) => Task.FromResult(new MaintenanceResult("Done."))), new FakeTask("deep", (_, _) => throw new InvalidOperationException()) { Outlook = MaintenanceOutlook.Refused("The extension amcheck is not in this database.") }];

        var run = await RunAsync(null);

        Assert.Equal("Done. Left out: deep (The extension amcheck is not in this database).", run.Summary);
    }

    [Fact]
    public void Many_findings_are_cut_and_none_is_told_twice()
    {
        var result = new MaintenanceResult("", EngineLines.Below("Damaged.", ["page 1"])) { Findings = ["page 1", .. Enumerable.Range(2, 500).Select(page => $"page {page}")] };

        var lines = result.ProblemInFull!.Split('\n');

        Assert.Equal((101, "Damaged.", "page 1", "page 100"), (lines.Length, lines[0], lines[1], lines[^1]));
        Assert.Null(new MaintenanceResult("Done.") { Findings = ["x"] }.ProblemInFull);
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }

    private async Task<Run> RunAsync(string? task)
    {
        await _house.StartAsync();
        var shop = await _house.RegisterAsync("shop", "orders 1");
        return await _house.EndOfAsync(await _house.Get<AskForMaintenance>().AskAsync(Actor.LocalAdministrator, shop, task, null, Cancel));
    }
}

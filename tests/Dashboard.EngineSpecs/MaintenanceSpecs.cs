using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.EngineSpecs.Faults;
using Xunit;

namespace Dashboard.EngineSpecs;

public abstract class MaintenanceSpecs(EngineHarness harness) : EngineSpec(harness)
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private IMaintained Maintained => (IMaintained)Engine;

    [Fact]
    public void Every_task_describes_itself_under_a_key_of_its_own()
    {
        Assert.NotEmpty(Maintained.Tasks);
        Assert.Equal(Maintained.Tasks.Count, Maintained.Tasks.Select(task => task.Description.Key).Distinct().Count());
        Assert.All(Maintained.Tasks.Select(task => task.Description), task =>
        {
            Assert.All(new[] { task.Title, task.Effect, task.Lock, task.Cost }, words => Assert.False(string.IsNullOrWhiteSpace(words)));
            Assert.Contains("{0}", task.RunTitle, StringComparison.Ordinal);
            Assert.InRange(task.Key.Length, 1, 40);
        });
    }

    [Fact]
    public async Task Each_leaves_the_content_and_what_stands_beside_it_as_they_were_and_can_run_twice()
    {
        var location = await CreateChangedAsync();
        var (all, beside) = (await Harness.ReadContentAsync(location), await NamesBesideAsync(location));

        foreach (var task in await SafeAsync(location))
        {
            var first = await task.RunAsync(location, RunProgress.None, Now);
            var second = await task.RunAsync(location, RunProgress.None, Now);

            Assert.True(first.Problem is null && second.Problem is null, $"{task.Description.Key}: {first.Problem} {second.Problem}");
            Assert.Equal(all, await Harness.ReadContentAsync(location));
            Assert.Equal(beside, await NamesBesideAsync(location));
        }
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(1, true)]
    public async Task Cancelled_half_way_it_leaves_the_content_and_can_be_done_again(int phase, bool waitsForReport)
    {
        var location = await CreateChangedAsync();
        var (all, beside) = (await Harness.ReadContentAsync(location), await NamesBesideAsync(location));

        foreach (var task in await SafeAsync(location))
        {
            using var person = new ImpatientPerson(phase, waitsForReport);
            try
            {
                await task.RunAsync(location, person, person.Token);
            }
            catch (OperationCanceledException) when (person.HasPressed)
            {
            }

            Assert.Equal(all, await Harness.ReadContentAsync(location));
            Assert.Equal(beside, await NamesBesideAsync(location));
            await task.RunAsync(location, RunProgress.None, Now);
            Assert.Equal(all, await Harness.ReadContentAsync(location));
        }
    }

    [Fact]
    public async Task A_writer_beside_it_gets_its_turn_and_nothing_it_wrote_is_lost()
    {
        foreach (var key in Maintained.Tasks.Select(task => task.Description.Key))
        {
            var location = await Harness.CreateAsync();
            if ((await SafeAsync(location)).FirstOrDefault(task => task.Description.Key == key) is not { } task)
            {
                continue;
            }

            var writer = new WriterInBetween(() => Harness.ChangeAsync(location));
            await task.RunAsync(location, writer, Now);
            await writer.DoneAsync();

            var rows = (await Engine.CountRowsAsync(location, TimeSpan.FromSeconds(10), Now)).Tables.ToDictionary(table => table.Table, table => table.Rows);
            Assert.Equal((1, 750, 300), (rows["added"], rows["orders"], rows["customers"]));
        }
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_told_and_not_made()
    {
        foreach (var task in Maintained.Tasks)
        {
            await Assert.ThrowsAsync<DatabaseMissingException>(() => task.LookAheadAsync(Harness.Nowhere, Now));
            await Assert.ThrowsAsync<DatabaseMissingException>(() => task.RunAsync(Harness.Nowhere, RunProgress.None, Now));
        }

        await Assert.ThrowsAsync<DatabaseMissingException>(() => Maintained.MeasureAsync(Harness.Nowhere, Now));
    }

    [Fact]
    public async Task What_is_measured_is_the_size_of_the_database()
    {
        var location = await Harness.CreateAsync();

        var measure = await Maintained.MeasureAsync(location, Now);

        Assert.InRange(measure.SizeBytes, 1_000_000, (await Engine.ReadStateAsync(location, Now)).SizeBytes);
    }

    /// <summary>With room to give back and rows that are dead.</summary>
    private async Task<string> CreateChangedAsync()
    {
        var location = await Harness.CreateAsync();
        await Harness.ChangeAsync(location);
        return location;
    }

    private async Task<IReadOnlyList<IMaintenanceTask>> SafeAsync(string location)
    {
        List<IMaintenanceTask> safe = [];
        foreach (var task in Maintained.Tasks)
        {
            if ((await task.LookAheadAsync(location, Now)).Refusal is null)
            {
                safe.Add(task);
            }
        }

        Assert.NotEmpty(safe);
        return safe;
    }

    private async Task<IReadOnlyList<string>> NamesBesideAsync(string location) =>
        [.. (await Harness.ListSurroundingsAsync(location)).Select(line => line.Split(' ')[0])];

    private sealed class WriterInBetween(Func<Task> write) : WatchedProgress
    {
        private Task? writing;

        public Task DoneAsync() => writing ?? throw new InvalidOperationException("The task began no phase.");

        public override void Phase(string name, long? totalBytes = null, bool canCancel = true)
        {
            base.Phase(name, totalBytes, canCancel);
            writing ??= Task.Run(write);
        }
    }
}

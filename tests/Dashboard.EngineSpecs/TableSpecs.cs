using Dashboard.Core.Databases;
using Dashboard.Core.Databases.Indexes;
using Dashboard.Core.Jobs;
using Dashboard.EngineSpecs.Faults;
using Xunit;

namespace Dashboard.EngineSpecs;

public abstract class TableSpecs(EngineHarness harness) : EngineSpec(harness)
{
    private static readonly TimeSpan Plenty = TimeSpan.FromSeconds(10);

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_table_has_the_rows_that_are_counted_and_a_size_within_the_whole()
    {
        var location = await Harness.CreateAsync();
        var counts = await Engine.CountRowsAsync(location, Plenty, Now);

        var list = await Engine.ReadTablesAsync(location, Plenty, Now);

        Assert.Equal(counts.Tables, list.Tables.Select(table => new TableRows(table.Name, table.Rows!.Value)));
        Assert.All(list.Tables, table => Assert.True(table.Rows!.IsExact && table.DataBytes!.Value >= 0 && table.IndexBytes!.Value >= 0, table.Name));
        Assert.InRange(list.Tables.Sum(table => table.TotalBytes!.Value), 1_000_000, list.TotalBytes * 11 / 10);
    }

    [Fact]
    public async Task Without_a_budget_the_largest_table_is_near_or_exact_and_stays()
    {
        var location = await Harness.CreateAsync();
        var largest = (await Engine.CountRowsAsync(location, Plenty, Now)).Tables.MaxBy(table => table.Rows)!;

        var first = (await Engine.ReadTablesAsync(location, TimeSpan.Zero, Now)).Tables.Single(table => table.Name == largest.Table);
        var second = (await Engine.ReadTablesAsync(location, TimeSpan.Zero, Now)).Tables.Single(table => table.Name == largest.Table);

        Assert.InRange(first.Rows!.Value, first.Rows.IsExact ? largest.Rows : largest.Rows * 7 / 10, first.Rows.IsExact ? largest.Rows : largest.Rows * 13 / 10);
        Assert.Equal(first.Rows.Value, second.Rows!.Value);
    }

    [Fact]
    public async Task The_sizes_of_a_backup_are_exact_and_near_those_of_the_live_tables()
    {
        var location = await Harness.CreateAsync();
        var live = await Engine.ReadTablesAsync(location, Plenty, Now);

        var (_, content) = await Harness.TakeBackupAsync(location);

        Assert.Equal(Harness.MeasuresBackups, content.Sizes is not null);
        if (content.Sizes is null)
        {
            return;
        }

        foreach (var table in live.Tables)
        {
            var exact = content.Sizes.Single(size => size.Table is null && size.Name == table.Name).Bytes;
            Assert.InRange(table.DataBytes!.Value, exact * 7 / 10, exact * 13 / 10);
        }
    }

    [Fact]
    public async Task A_table_is_described_and_its_definition_makes_it()
    {
        var location = await Harness.CreateAsync();
        foreach (var table in (await Engine.ReadTablesAsync(location, Plenty, Now)).Tables)
        {
            var details = await Engine.ReadTableAsync(location, table.Name, Plenty, Now);

            Assert.NotEmpty(details.Columns);
            Assert.Contains(table.Name, details.Definition, StringComparison.Ordinal);
            Assert.Equal(table.Rows!.Value, details.Facts.Rows!.Value);
            Assert.Equal(table.IndexCount, details.Indexes.Count(index => !index.IsTableItself));
        }
    }

    [Fact]
    public async Task An_index_that_joins_is_known_with_its_foreign_key()
    {
        var location = await Harness.CreateAsync();

        var list = await Engine.ReadIndexesAsync(location, Now);

        var joins = Assert.Single(IndexPurpose.OfAll(list), use => use.Use.Purpose.StartsWith("joins ", StringComparison.Ordinal));
        Assert.Equal(IndexOrigin.ByHand, joins.Index.Origin);
        Assert.True(joins.Index.Bytes!.Value > 0);
        Assert.NotNull(joins.Index.Definition);
        Assert.Empty(ForeignKeyCover.FindMissing(list));
    }

    [Fact]
    public async Task A_table_is_counted_on_demand_to_the_same_number()
    {
        var location = await Harness.CreateAsync();
        foreach (var table in (await Engine.CountRowsAsync(location, Plenty, Now)).Tables)
        {
            var progress = new WatchedProgress();

            var rows = await Engine.CountTableAsync(location, table.Table, progress, Now);

            Assert.True(rows.IsExact);
            Assert.Equal(table.Rows, rows.Value);
            Assert.Single(progress.Phases);
        }
    }

    [Fact]
    public async Task A_change_makes_another_mark_and_no_change_makes_none()
    {
        var location = await Harness.CreateAsync();
        var before = await SettledMarkAsync(location);

        Assert.Equal(before, await Engine.ReadMarkAsync(location, Now));
        await Harness.ChangeAsync(location);

        Assert.NotEqual(before, await Engine.ReadMarkAsync(location, Now));
        Assert.NotEqual(before, await SettledMarkAsync(location));
    }

    [Fact]
    public async Task Looking_leaves_everything_as_it_was()
    {
        var location = await Harness.CreateAsync();
        var surroundings = await Harness.ListSurroundingsAsync(location);
        var table = (await Engine.ReadTablesAsync(location, Plenty, Now)).Tables[0].Name;

        await Engine.ReadMarkAsync(location, Now);
        await Engine.ReadTableAsync(location, table, Plenty, Now);
        await Engine.ReadIndexesAsync(location, Now);
        await Engine.CountTableAsync(location, table, RunProgress.None, Now);

        Assert.Equal(surroundings, await Harness.ListSurroundingsAsync(location));
    }

    [Fact]
    public async Task A_table_that_is_not_there_is_said_to_be_missing()
    {
        var location = await Harness.CreateAsync();

        var error = await Assert.ThrowsAsync<TableMissingException>(() => Engine.ReadTableAsync(location, "no such table", Plenty, Now));
        await Assert.ThrowsAsync<TableMissingException>(() => Engine.CountTableAsync(location, "no such table", RunProgress.None, Now));

        Assert.NotNull(error.NextStep);
    }

    [Fact]
    public async Task A_missing_and_an_unreadable_database_are_told_apart()
    {
        var location = await Harness.CreateAsync();
        await Harness.DestroyAsync(location);

        foreach (var ask in Questions())
        {
            await Assert.ThrowsAsync<DatabaseMissingException>(() => ask(Harness.Nowhere, Now));
            await Assert.ThrowsAsync<DatabaseDamagedException>(() => ask(location, Now));
        }

        await Assert.ThrowsAsync<DatabaseMissingException>(() => Engine.ReadMarkAsync(Harness.Nowhere, Now));
    }

    [Fact]
    public async Task A_cancelled_question_has_no_answer()
    {
        var location = await Harness.CreateAsync();

        foreach (var ask in Questions())
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ask(location, new CancellationToken(canceled: true)));
        }
    }

    private IEnumerable<Func<string, CancellationToken, Task>> Questions() =>
    [
        (location, stop) => Engine.ReadTablesAsync(location, Plenty, stop),
        (location, stop) => Engine.ReadTableAsync(location, "any", Plenty, stop),
        Engine.ReadIndexesAsync,
        (location, stop) => Engine.CountTableAsync(location, "any", RunProgress.None, stop),
    ];

    private async Task<string> SettledMarkAsync(string location)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Now);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        while (true)
        {
            if (await Engine.ReadMarkAsync(location, patience.Token) is { } mark)
            {
                return mark;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
        }
    }
}

using Dashboard.Core.Backups;
using Dashboard.Core.Databases;

namespace Dashboard.Core.Tests.Databases;

public sealed class DescribeTablesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Night = Now.AddHours(-10);
    private static readonly SizesAtBackup Backup = new(Night, [new("orders", null, 800), new("by_day", "orders", 100), new("by_item", "orders", 50)], [new("orders", 1000)]);

    [Theory]
    [InlineData(1000, true)]
    [InlineData(1040, true)]
    [InlineData(960, true)]
    [InlineData(1100, false)]
    [InlineData(900, false)]
    public void The_exact_size_of_the_backup_is_shown_while_the_table_has_about_as_many_rows(long rows, bool isOfBackup)
    {
        var line = Describe(new TableFacts("orders", Exact(rows), About(700), About(200)));

        Assert.Equal(isOfBackup ? (new Measure(800, true, Night), new Measure(150, true, Night)) : (About(700), About(200)), (line.DataBytes!, line.IndexBytes!));
    }

    [Fact]
    public void What_is_exact_now_needs_no_backup()
    {
        var line = Describe(new TableFacts("orders", Exact(1000), Exact(700), Exact(200)));

        Assert.Equal((Exact(700), Exact(200), 0.9), (line.DataBytes!, line.IndexBytes!, line.Share!.Value));
    }

    [Fact]
    public void A_table_that_the_backup_did_not_know_keeps_its_estimate() =>
        Assert.Equal(About(7), Describe(new TableFacts("new", Exact(1), About(7), About(0))).DataBytes);

    [Fact]
    public void A_share_is_never_more_than_all_and_unknown_where_a_part_is()
    {
        Assert.Equal(1, Describe(new TableFacts("new", null, About(990), About(90))).Share);
        Assert.Null(Describe(new TableFacts("new", null, About(990), null)).Share);
        Assert.Null(DescribeTables.Of(new TableFacts("new", null, About(0), About(0)), 0, null, _ => TableMemory.None).Share);
    }

    [Fact]
    public void A_count_after_the_reading_is_the_number_of_now_and_one_before_stands_beside_it()
    {
        var estimated = new TableFacts("orders", About(900), null, null);

        var after = Describe(estimated, new Measure(1000, true, Now.AddSeconds(3)));
        var before = Describe(estimated, new Measure(1000, true, Now.AddMinutes(-3)));
        var needless = Describe(estimated with { Rows = Exact(1001) }, new Measure(1000, true, Now.AddMinutes(-3)));

        Assert.Equal((Exact(1000), null), (after.Rows, after.Counted));
        Assert.Equal((About(900), 1000L), (before.Rows, before.Counted!.Value));
        Assert.Equal((Exact(1001), null), (needless.Rows, needless.Counted));
    }

    [Theory]
    [InlineData(110, true)]
    [InlineData(200, false)]
    public void An_index_is_judged_by_its_own_size(long now, bool isOfBackup) =>
        Assert.Equal(isOfBackup ? new Measure(100, true, Night) : About(now), DescribeTables.Nearest(About(now), Backup.BytesOfIndex("by_day"), Backup));

    private static TableLine Describe(TableFacts table, Measure? counted = null) => DescribeTables.Of(table, 1000, Backup, _ => new TableMemory(null, counted));

    private static Measure Exact(long value) => new(value, true, Now);

    private static Measure About(long value) => new(value, false, Now);
}

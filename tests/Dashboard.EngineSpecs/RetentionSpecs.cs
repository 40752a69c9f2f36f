using System.Globalization;
using System.Text;
using Dashboard.Core.Databases;
using Dashboard.Core.Retention;
using Xunit;

namespace Dashboard.EngineSpecs;

/// <summary>
/// Over the tables of <see cref="EngineHarness.FillLogAsync"/>: 1,000 rows of "events", the first 600 of them old and ten of those without a time that can be read,
/// and "notes" of which two point to old events.
/// </summary>
public abstract class RetentionSpecs(EngineHarness harness) : EngineSpec(harness)
{
    private static readonly DateTimeOffset Cutoff = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private IKeepsRows Rows => (IKeepsRows)Engine;

    [Fact]
    public async Task The_kind_of_time_is_seen_and_the_rest_that_a_rule_has_to_know()
    {
        var location = await CreateAsync();

        var table = await Rows.LookAtRowsAsync(location, "events", Now);

        var seen = table.Columns.Where(column => column.Kind is not null).ToDictionary(column => column.Name, column => column.Kind!.Value);
        Assert.Equal(TimeKind.UnixSeconds, seen["at_seconds"]);
        Assert.Equal(TimeKind.UnixMilliseconds, seen["at_millis"]);
        Assert.Equal(TimeKind.IsoText, seen["at_text"]);
        Assert.Equal(TimeKind.JulianDay, seen["at_julian"]);
        Assert.All(seen, column => Assert.StartsWith("at_", column.Key, StringComparison.Ordinal));
        Assert.Equal(("notes", KeyAction.Cascade, true), (table.References[0].Child, table.References[0].Action, table.References[0].HasIndex));
        Assert.Null(table.Refusal);
        await Assert.ThrowsAsync<TableMissingException>(() => Rows.LookAtRowsAsync(location, "nothing", Now));
        await Assert.ThrowsAsync<DatabaseMissingException>(() => Rows.LookAtRowsAsync(Harness.Nowhere, "events", Now));
    }

    [Fact]
    public async Task A_preview_tells_what_would_go_and_changes_nothing()
    {
        var location = await CreateAsync();
        var before = await Harness.ReadAllAsync(location);

        foreach (var (column, kind) in await TimesAsync(location))
        {
            var preview = await Rows.PreviewAsync(location, Old(column, kind), Now);
            var acting = await Rows.PreviewAsync(location, Old(column, kind) with { LetsKeysAct = true }, Now);
            var some = await Rows.PreviewAsync(location, Old(column, kind) with { Condition = "level = 'debug'" }, Now);

            Assert.Equal((column, 1000L, 588L, 2L, 10L), (column, preview.Total, preview.Going, preview.Held, preview.Unreadable));
            Assert.Equal((590L, 0L, 2L), (acting.Going, acting.Held, Assert.Single(acting.Effects).Rows));
            Assert.Equal(294, some.Going);
            Assert.InRange(preview.Newest!.Value, Cutoff.AddDays(-2), Cutoff);
            Assert.InRange(preview.Oldest!.Value, Cutoff.AddDays(-602), Cutoff.AddDays(-580));
            Assert.InRange((await Rows.ReadClockAsync(location, Old(column, kind).Time, Now)).Newest!.Value, Cutoff.AddDays(398), Cutoff.AddDays(401));
        }

        Assert.Equal(before, await Harness.ReadAllAsync(location));
    }

    [Fact]
    public async Task What_goes_is_just_what_was_counted_whatever_tells_the_time()
    {
        var location = await CreateAsync();
        foreach (var (column, kind) in await TimesAsync(location))
        {
            await Harness.FillLogAsync(location);
            await using var session = await Rows.OpenRowsAsync(location, Old(column, kind), Now);

            Assert.Equal(588, await RemoveAllAsync(session));

            Assert.Equal((412, 2), (await CountAsync(location, "events"), await CountAsync(location, "notes")));
        }
    }

    [Fact]
    public async Task Foreign_keys_act_only_where_the_rule_lets_them()
    {
        var location = await CreateAsync();
        await using var session = await Rows.OpenRowsAsync(location, Old("at_seconds", TimeKind.UnixSeconds) with { LetsKeysAct = true }, Now);

        Assert.Equal(590, await RemoveAllAsync(session));

        Assert.Equal((410, 0), (await CountAsync(location, "events"), await CountAsync(location, "notes")));
    }

    [Fact]
    public async Task Rows_that_move_to_a_table_are_there_once_and_can_be_purged_from_it()
    {
        var location = await CreateAsync();
        var selection = Old("at_text", TimeKind.IsoText) with { ArchiveTable = "events_old" };
        await using (var first = await Rows.OpenRowsAsync(location, selection, Now))
        {
            // Left half-way, as a kill leaves it.
            await first.RemoveNextAsync(Now);
        }

        await using (var second = await Rows.OpenRowsAsync(location, selection, Now))
        {
            await RemoveAllAsync(second);
        }

        Assert.Equal((412, 588), (await CountAsync(location, "events"), await CountAsync(location, "events_old")));
        var purge = Old("at_text", TimeKind.IsoText) with { Cutoff = Cutoff.AddDays(-300) };
        await using (var old = await Rows.OpenRowsAsync(location, purge with { Time = purge.Time with { Table = "events_old" } }, Now))
        {
            Assert.Equal(288, await RemoveAllAsync(old));
        }

        Assert.Equal(300, await CountAsync(location, "events_old"));
        var wrong = await Assert.ThrowsAsync<DatabaseException>(() => Rows.OpenRowsAsync(location, selection with { ArchiveTable = "notes" }, Now));
        Assert.Contains("has not the columns", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Written_rows_go_only_as_they_were_written_and_a_second_time_does_no_harm()
    {
        var location = await CreateAsync();
        var selection = Old("at_seconds", TimeKind.UnixSeconds);
        using var file = new MemoryStream();
        await using var session = await Rows.OpenRowsAsync(location, selection, Now);
        var written = await session.WriteAsync(file, _ => { }, Now);
        var lines = Encoding.UTF8.GetString(file.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        // Between file and removal: one row changes, one becomes young, one is gone.
        await Harness.RunSqlAsync(location, "UPDATE events SET level = 'seen' WHERE id = 20; UPDATE events SET at_seconds = 1900000000 WHERE id = 21; DELETE FROM events WHERE id = 22;");
        var removed = (await session.RemoveWrittenAsync(lines, Now)).Removed;
        var again = (await session.RemoveWrittenAsync(lines, Now)).Removed;

        Assert.Equal((588L, 588, 585L, 0L), (written.Rows, lines.Length, removed, again));
        Assert.Equal(1000 - 586, await CountAsync(location, "events"));
        Assert.All(lines, line => Assert.StartsWith("{\"key\":", line, StringComparison.Ordinal));
        Assert.Contains("\"level\":\"info\"", lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_writer_beside_it_gets_its_turn_and_cancelling_keeps_what_is_done()
    {
        var location = await CreateAsync();
        using var person = new CancellationTokenSource();
        await using (var session = await Rows.OpenRowsAsync(location, Old("at_seconds", TimeKind.UnixSeconds), Now))
        {
            await session.RemoveNextAsync(person.Token);
            await Harness.RunSqlAsync(location, "INSERT INTO events (id, level, at_seconds) VALUES (5000, 'new', 1900000000);");
            await person.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                person.Token.ThrowIfCancellationRequested();
                await session.RemoveNextAsync(person.Token);
            });
        }

        await using var resumed = await Rows.OpenRowsAsync(location, Old("at_seconds", TimeKind.UnixSeconds), Now);
        await RemoveAllAsync(resumed);

        Assert.Equal(413, await CountAsync(location, "events"));
    }

    [Theory]
    [InlineData("1 = 1) OR (1 = 1")]
    [InlineData("1 = 1; DELETE FROM events")]
    [InlineData("1 = 1 -- ")]
    [InlineData("level = 'debug' /*")]
    [InlineData("level = 'debug")]
    [InlineData("nothing_like_it = 1")]
    [InlineData("count(*) > 1")]
    [InlineData("random() < 1")]
    [InlineData("level =")]
    [InlineData("level = $1")]
    [InlineData("(SELECT 1 FROM nothing) = 1")]
    public async Task A_condition_that_does_more_than_choose_is_refused_and_nothing_is_done(string condition)
    {
        var location = await CreateAsync();
        var before = await Harness.ReadAllAsync(location);

        Assert.NotNull(await Rows.FindConditionFaultAsync(location, "events", condition, Now));

        Assert.Equal(before, await Harness.ReadAllAsync(location));
    }

    [Theory]
    [InlineData("level = 'debug'")]
    [InlineData("events.level IN ('a', 'it''s') OR \"level\" LIKE '%(;--%'")]
    [InlineData("events.id NOT IN (SELECT 7)")]
    [InlineData("length(lower(level)) > 3 AND id % 2 = 0")]
    public async Task A_condition_that_chooses_is_taken(string condition)
    {
        var location = await CreateAsync();

        Assert.Null(await Rows.FindConditionFaultAsync(location, "events", condition, Now));
        Assert.InRange((await Rows.PreviewAsync(location, Old("at_seconds", TimeKind.UnixSeconds) with { Condition = condition }, Now)).Going, 0, 588);
    }

    private static RowSelection Old(string column, TimeKind kind) => new(new RowTime("events", column, kind, TimeSpan.Zero), Cutoff, null, LetsKeysAct: false);

    private async Task<string> CreateAsync()
    {
        var location = await Harness.CreateAsync();
        await Harness.FillLogAsync(location);
        return location;
    }

    private async Task<IReadOnlyList<(string Column, TimeKind Kind)>> TimesAsync(string location) =>
        [.. (await Rows.LookAtRowsAsync(location, "events", Now)).Columns.Where(column => column.Kind is not null).Select(column => (column.Name, column.Kind!.Value))];

    private static async Task<long> RemoveAllAsync(IRowSession session)
    {
        for (var removed = 0L; ;)
        {
            var batch = await session.RemoveNextAsync(Now);
            removed += batch.Removed;
            if (batch.IsLast)
            {
                Assert.Equal(1, batch.Done);
                return removed;
            }
        }
    }

    private async Task<int> CountAsync(string location, string table) =>
        int.Parse((await Engine.CountRowsAsync(location, TimeSpan.FromSeconds(10), Now)).Tables.Single(one => one.Table == table).Rows.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}

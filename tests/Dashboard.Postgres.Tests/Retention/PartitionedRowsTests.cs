using System.Globalization;
using System.Text;
using Dashboard.Core.Retention;
using Dashboard.Postgres.Tests.Schemas;
using Xunit;

namespace Dashboard.Postgres.Tests.Retention;

/// <summary>A rule of a partitioned table removes rows of all its partitions, as of one table.</summary>
public sealed class PartitionedRowsTests : SchemaTests
{
    private const int Old = 300;

    private static readonly RowSelection Selection = new(new RowTime("events", "at", TimeKind.TimestampWithZone, TimeSpan.Zero), new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero), null, LetsKeysAct: false);

    private IKeepsRows Rows => (IKeepsRows)Engine;

    /// <summary>One row an hour: 300 before the first of June and 300 from it on, cut where the partitions are.</summary>
    public static TheoryData<string, string[]> Kinds => new()
    {
        { "by time, with a key", ["CREATE TABLE events (id int, at timestamptz, level text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)", "CREATE TABLE events_may PARTITION OF events FOR VALUES FROM ('2026-05-01') TO ('2026-05-25')", "CREATE TABLE events_rest PARTITION OF events DEFAULT"] },
        { "by hash, without a key", ["CREATE TABLE events (id int, at timestamptz, level text) PARTITION BY HASH (id)", "CREATE TABLE events_0 PARTITION OF events FOR VALUES WITH (MODULUS 2, REMAINDER 0)", "CREATE TABLE events_1 PARTITION OF events FOR VALUES WITH (MODULUS 2, REMAINDER 1)"] },
        { "of two levels, attached with other columns", ["CREATE SCHEMA \"odd \"", "CREATE TABLE events (id int, at timestamptz, level text) PARTITION BY LIST (level)", "CREATE TABLE \"odd \".\"de bug\" (gone int, level text, at timestamptz, id int)", "ALTER TABLE \"odd \".\"de bug\" DROP COLUMN gone", "ALTER TABLE events ATTACH PARTITION \"odd \".\"de bug\" FOR VALUES IN ('debug')", "CREATE TABLE rest PARTITION OF events DEFAULT PARTITION BY HASH (id)", "CREATE TABLE rest_0 PARTITION OF rest FOR VALUES WITH (MODULUS 1, REMAINDER 0)"] },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task They_are_counted_removed_and_archived_as_one(string kind, string[] statements)
    {
        _ = kind;
        var location = await FillAsync(statements);

        var table = await Rows.LookAtRowsAsync(location, "events", Now);
        var preview = await Rows.PreviewAsync(location, Selection with { Condition = "level = 'debug' AND events.id > 0" }, Now);
        var clock = await Rows.ReadClockAsync(location, Selection.Time, Now);
        await RemoveAllAsync(location, Selection with { ArchiveTable = "events_archive" });

        Assert.Null(table.Refusal);
        Assert.Contains(table.Columns, column => column is { Name: "at", Kind: TimeKind.TimestampWithZone });
        Assert.Equal((2 * Old, Old / 2), (preview.Total, preview.Going));
        Assert.Equal(new DateTimeOffset(2026, 6, 13, 11, 0, 0, TimeSpan.Zero), clock.Newest);
        Assert.Equal([$"{Old} 0 {Old}"], await TextsAsync(location, "SELECT concat_ws(' ', (SELECT count(*) FROM events), (SELECT count(*) FROM events WHERE at < '2026-06-01'), (SELECT count(*) FROM events_archive WHERE at < '2026-06-01'))"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_was_written_to_a_file_is_what_goes_and_what_changed_since_stays(string kind, string[] statements)
    {
        _ = kind;
        var location = await FillAsync(statements);
        await using var session = await Rows.OpenRowsAsync(location, Selection, Now);
        using var file = new MemoryStream();

        var written = await session.WriteAsync(file, _ => { }, Now);
        await ExecuteAsync(location, "UPDATE events SET level = level || '' , id = id + 1000000 WHERE id = 7");
        var lines = Encoding.UTF8.GetString(file.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var removed = 0L;
        foreach (var some in lines.Chunk(70))
        {
            removed += (await session.RemoveWrittenAsync(some, Now)).Removed;
        }

        Assert.Equal((Old, Old, Old - 1), (written.Rows, lines.Length, removed));
        Assert.Equal([(Old + 1).ToString(CultureInfo.InvariantCulture)], await TextsAsync(location, "SELECT count(*) FROM events"));
    }

    private async Task RemoveAllAsync(string location, RowSelection selection)
    {
        await using var session = await Rows.OpenRowsAsync(location, selection, Now);
        while (!(await session.RemoveNextAsync(Now)).IsLast)
        {
        }
    }

    private Task<string> FillAsync(string[] statements) => CreateAsync(
        [.. statements, $"INSERT INTO events (id, at, level) SELECT i, timestamptz '2026-06-01 00:00:00+00' + (i - {Old} - 1) * interval '1 hour', CASE i % 2 WHEN 0 THEN 'debug' ELSE 'info' END FROM generate_series(1, {2 * Old}) i"]);
}

using System.Globalization;
using System.Text;
using Dashboard.Core.Databases;
using Dashboard.Core.Retention;
using Npgsql;
using Xunit;

namespace Dashboard.Postgres.Tests.Retention;

public sealed class RowSessionTests : IAsyncDisposable
{
    private static readonly DateTimeOffset Cutoff = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly PostgresHarness _harness = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private IKeepsRows Rows => (IKeepsRows)_harness.Engine;

    private static RowSelection Old => new(new RowTime("events", "at_zoned", TimeKind.TimestampWithZone, TimeSpan.Zero), Cutoff, null, LetsKeysAct: false);

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    [Fact]
    public async Task Hostile_conditions_are_refused_and_nothing_is_done()
    {
        var location = await CreateAsync();
        await _harness.RunSqlAsync(
            location,
            """
            CREATE FUNCTION sneaky(int) RETURNS boolean LANGUAGE plpgsql STABLE AS 'BEGIN PERFORM pg_sleep(0); RETURN true; END';
            CREATE FUNCTION sneaky_too(int, int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
            CREATE OPERATOR public.@@@ (LEFTARG = int, RIGHTARG = int, FUNCTION = sneaky_too);
            CREATE VIEW looking AS SELECT random() AS looked;
            """);
        var before = await _harness.ReadAllAsync(location);
        string[] hostile =
        [
            "pg_sleep(1) IS NOT NULL", "nextval('tickets') > 0", "pg_terminate_backend(1)", "set_config('x.y', '1', false) = '1'", "lo_creat(-1) > 0", "pg_read_file('/etc/passwd') IS NOT NULL",
            "query_to_xml('SELECT pg_sleep(1)', true, true, '') IS NOT NULL", "public.sneaky(id)", "id OPERATOR(public.@@@) 1", "EXISTS (SELECT FROM public.looking)", "level = E'\\' OR (1 = 1) --'", "level = $$x$$",
            "clock_timestamp() > now()", "(WITH gone AS (DELETE FROM public.events RETURNING 1) SELECT count(*) FROM gone) > 0", "(SELECT 1 FROM public.events FOR UPDATE LIMIT 1) = 1 AND gen_random_uuid() IS NOT NULL",
        ];

        foreach (var condition in hostile)
        {
            Assert.True(await Rows.FindConditionFaultAsync(location, "events", condition, Now) is not null, condition);
            await Assert.ThrowsAsync<DatabaseException>(() => Rows.PreviewAsync(location, Old with { Condition = condition }, Now));
            await Assert.ThrowsAsync<DatabaseException>(() => Rows.OpenRowsAsync(location, Old with { Condition = condition }, Now));
        }

        Assert.Equal(before, await _harness.ReadAllAsync(location));
        Assert.Contains("Write another table with its schema", await Rows.FindConditionFaultAsync(location, "events", "EXISTS (SELECT FROM notes)", Now), StringComparison.Ordinal);
        Assert.Null(await Rows.FindConditionFaultAsync(location, "events", "NOT EXISTS (SELECT FROM public.notes WHERE notes.event = events.id)", Now));
        Assert.Null(await Rows.FindConditionFaultAsync(location, "events", "(ARRAY[level])[1] = 'x' OR level ~ 'a|b' AND at_zoned < now() AND coalesce(length(level), 0) BETWEEN 1 AND 9", Now));
    }

    [Fact]
    public async Task Without_a_primary_key_written_rows_are_told_by_where_they_lie()
    {
        var location = await CreateAsync();
        await _harness.RunSqlAsync(
            location,
            """
            CREATE TABLE loose (at bigint, body json, number numeric, moment timestamptz, bytes bytea, parts int[]);
            INSERT INTO loose SELECT 1700000000 + i % 2, E'{"a":\n  1}', 1.10, '2024-05-05 10:00:00.123456+02', '\x00ff', '{1,NULL}' FROM generate_series(1, 10) i;
            INSERT INTO loose VALUES (1900000000, '{}', 'NaN', NULL, NULL, NULL);
            """);
        await using var session = await Rows.OpenRowsAsync(location, new RowSelection(new RowTime("loose", "at", TimeKind.UnixSeconds, TimeSpan.Zero), Cutoff, null, false), Now);
        using var content = new MemoryStream();
        await session.WriteAsync(content, _ => { }, Now);
        var lines = Encoding.UTF8.GetString(content.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(10, lines.Length);
        Assert.Contains("\"number\":1.10,\"moment\":\"2024-05-05T08:00:00.123456+00:00\"", lines[0], StringComparison.Ordinal);
        Assert.Equal(10, (await session.RemoveWrittenAsync(lines, Now)).Removed);
        Assert.Equal(["1"], await PostgresHarness.TextsAsync(PostgresHarness.DatabaseOf(location), "SELECT count(*) FROM loose"));
    }

    [Fact]
    public async Task A_row_that_somebody_has_locked_is_passed_over_at_once()
    {
        var location = await CreateAsync();
        await using var other = await PostgresHarness.OpenAsync(PostgresHarness.DatabaseOf(location));
        await using var transaction = await other.BeginTransactionAsync(Now);
        await PostgresHarness.ExecuteAsync(other, "UPDATE events SET level = 'mine' WHERE id = 20");
        await using var session = await Rows.OpenRowsAsync(location, Old, Now);

        var removed = await RemoveAllAsync(session);

        Assert.Equal(587, removed);
        await transaction.CommitAsync(Now);
        Assert.Equal(["mine"], await PostgresHarness.TextsAsync(PostgresHarness.DatabaseOf(location), "SELECT level FROM events WHERE id = 20"));
    }

    [Fact]
    public async Task An_archive_table_lies_beside_its_table()
    {
        var location = await CreateAsync();
        await _harness.RunSqlAsync(location, "CREATE SCHEMA audit; CREATE TABLE audit.\"Old.Log\" (id int PRIMARY KEY, at timestamp); INSERT INTO audit.\"Old.Log\" VALUES (1, '2020-01-01'), (2, '2030-01-01');");
        var selection = new RowSelection(new RowTime("audit.\"Old.Log\"", "at", TimeKind.Timestamp, TimeSpan.Zero), Cutoff, null, false, "kept");
        await using (var session = await Rows.OpenRowsAsync(location, selection, Now))
        {
            Assert.Equal(1, await RemoveAllAsync(session));
        }

        var archive = Rows.NameOfArchive(selection.Time.Table, "kept");
        await using var purge = await Rows.OpenRowsAsync(location, selection with { Time = selection.Time with { Table = archive }, ArchiveTable = null }, Now);

        Assert.Equal(("audit.kept", 1L), (archive, await RemoveAllAsync(purge)));
        Assert.Equal("events_old", Rows.NameOfArchive("events", "events_old"));
    }

    [Fact]
    public async Task A_key_deeper_down_holds_its_row_and_no_other()
    {
        var location = await CreateAsync();
        await _harness.RunSqlAsync(location, "CREATE TABLE deep (note int REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED); INSERT INTO deep SELECT id FROM notes WHERE event = 11;");
        await using var session = await Rows.OpenRowsAsync(location, Old with { LetsKeysAct = true }, Now);

        Assert.Equal(589, await RemoveAllAsync(session));

        Assert.Equal(["1"], await PostgresHarness.TextsAsync(PostgresHarness.DatabaseOf(location), "SELECT count(*) FROM events WHERE id = 11"));
    }

    [Fact]
    public async Task What_can_not_be_kept_is_refused_with_the_reason()
    {
        var location = await CreateAsync();
        var role = _harness.OwnRole("reader");
        await _harness.RunSqlAsync(location, $"CREATE MATERIALIZED VIEW summary AS SELECT * FROM events; CREATE ROLE {role} LOGIN PASSWORD 'x'; GRANT SELECT ON events TO {role};");

        Assert.Contains("materialized view", (await Rows.LookAtRowsAsync(location, "summary", Now)).Refusal, StringComparison.Ordinal);
        await using var reader = PostgresHarness.EngineFor(location, role, "x", out var asReader);
        Assert.Contains("may not remove rows", (await ((IKeepsRows)reader).LookAtRowsAsync(asReader, "events", Now)).Refusal, StringComparison.Ordinal);
    }

    /// <summary>Times of each kind around the cutoff, and what is none: the same as for SQLite, with fewer cases.</summary>
    [Fact]
    public async Task No_generated_row_inside_its_age_goes_and_every_older_one_does()
    {
        string[] zones = ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "Australia/Lord_Howe"];
        string?[] garbage = [null, "", "now", "12:00", "2024-02-31", "2024-13-01", "0001-01-01", "1970-01-01 00:00:00", " 2020-01-01", "2020-01-01T", "infinity", "2020-01-01 10:00 CET", "2020-01-01\n", "1577836800", "epoch", "2020-01-01 24:00:00", "2020-01-01 10:00:00+99:00"];
        TimeSpan[] distances = [TimeSpan.Zero, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(59), TimeSpan.FromHours(2), TimeSpan.FromHours(13), TimeSpan.FromHours(25), TimeSpan.FromDays(3), TimeSpan.FromDays(200)];
        var location = await CreateAsync();
        await using var connection = await PostgresHarness.OpenAsync(PostgresHarness.DatabaseOf(location));
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var kind = (TimeKind)(seed % 7);
            var zone = TimeZoneInfo.FindSystemTimeZoneById(zones[random.Next(zones.Length)]);
            var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(random.Next(0, 500_000));
            var cutoff = RowCutoff.Of(now, new RowClock(null, null), random.Next(1, 400), zone.Id);
            var type = kind switch { TimeKind.IsoText => "text", TimeKind.UnixSeconds => "float8", TimeKind.UnixMilliseconds => "bigint", TimeKind.JulianDay => "numeric", TimeKind.Timestamp => "timestamp", TimeKind.TimestampWithZone => "timestamptz", _ => "date" };
            await PostgresHarness.ExecuteAsync(connection, $"DROP TABLE IF EXISTS generated; CREATE TABLE generated (id int, at {type})");
            List<(int Id, DateTimeOffset? Latest, string? Value)> rows = [];
            for (var id = 0; id < 40; id++)
            {
                var moment = random.Next(2) == 0 ? cutoff.At - distances[random.Next(distances.Length)] : cutoff.At + distances[random.Next(distances.Length)];
                (string? value, DateTimeOffset? latest) = Tell(kind, moment, zone, random);
                if (random.Next(5) == 0)
                {
                    (value, latest) = (kind == TimeKind.IsoText ? garbage[random.Next(garbage.Length)] : random.Next(3) switch { 0 => null, 1 when kind >= TimeKind.Timestamp => "-infinity", _ => kind >= TimeKind.Timestamp ? "0001-01-01" : "0" }, null);
                }

                rows.Add((id, latest, value));
                await using var insert = new NpgsqlCommand($"INSERT INTO generated VALUES ($1, $2::text::{type})", connection) { Parameters = { new() { Value = id }, new() { Value = (object?)value ?? DBNull.Value } } };
                await insert.ExecuteNonQueryAsync(Now);
            }

            await using (var session = await Rows.OpenRowsAsync(location, new RowSelection(new RowTime("generated", "at", kind, cutoff.Offset), cutoff.At, null, false), Now))
            {
                await RemoveAllAsync(session);
            }

            var left = (await PostgresHarness.TextsAsync(PostgresHarness.DatabaseOf(location), "SELECT id FROM generated")).Select(id => int.Parse(id, CultureInfo.InvariantCulture)).ToHashSet();
            Assert.All(rows, row =>
            {
                Assert.True(left.Contains(row.Id) || row.Latest < cutoff.At, $"{seed}: {row} of {kind} is gone and was inside its age ({cutoff.At:O}, {zone.Id}).");
                Assert.False(left.Contains(row.Id) && row.Latest < cutoff.At.AddHours(-2), $"{seed}: {row} of {kind} is there and was older ({cutoff.At:O}, {zone.Id}).");
            });
        }
    }

    private static (string Value, DateTimeOffset Latest) Tell(TimeKind kind, DateTimeOffset moment, TimeZoneInfo zone, Random random)
    {
        var wall = TimeZoneInfo.ConvertTime(moment, zone);
        var seconds = moment.ToUnixTimeMilliseconds() / 1000.0;
        return kind switch
        {
            TimeKind.UnixSeconds => (seconds.ToString("R", CultureInfo.InvariantCulture), moment),
            TimeKind.UnixMilliseconds => (moment.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), moment),
            TimeKind.JulianDay => ((moment.ToUnixTimeMilliseconds() / 86_400_000m + 2_440_587.5m).ToString(CultureInfo.InvariantCulture), moment),
            TimeKind.TimestampWithZone => (Text(moment, "yyyy-MM-dd HH:mm:ss.fffzzz"), moment),
            TimeKind.Timestamp => (Text(wall, "yyyy-MM-dd HH:mm:ss.fff"), moment),
            TimeKind.Date => (Text(wall, "yyyy-MM-dd"), EndOfDay(wall, zone)),
            _ => random.Next(4) switch
            {
                0 => (Text(moment, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"), moment),
                1 => (Text(wall, "yyyy-MM-dd HH:mm:ss.fff zzz"), moment),
                2 => (Text(wall, "yyyy-MM-dd HH:mm:ss.fff"), moment),
                _ => (Text(wall, "yyyy-MM-dd"), EndOfDay(wall, zone)),
            },
        };
    }

    private static DateTimeOffset EndOfDay(DateTimeOffset wall, TimeZoneInfo zone)
    {
        var midnight = wall.Date.AddDays(1);
        var offset = zone.IsAmbiguousTime(midnight) ? zone.GetAmbiguousTimeOffsets(midnight).Min() : zone.GetUtcOffset(midnight);
        return new DateTimeOffset(midnight, offset).AddMilliseconds(-1);
    }

    private static string Text(DateTimeOffset moment, string format) => moment.ToString(format, CultureInfo.InvariantCulture);

    private static async Task<long> RemoveAllAsync(IRowSession session)
    {
        for (var removed = 0L; ;)
        {
            var batch = await session.RemoveNextAsync(Now);
            removed += batch.Removed;
            if (batch.IsLast)
            {
                return removed;
            }
        }
    }

    private async Task<string> CreateAsync()
    {
        var location = await _harness.CreateAsync();
        await _harness.FillLogAsync(location);
        return location;
    }
}

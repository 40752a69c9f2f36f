using System.Globalization;
using System.Text;
using Dashboard.Core.Retention;
using Dashboard.Sqlite.Retention;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Dashboard.Sqlite.Tests.Retention;

/// <summary>Tables and rules from a seed. What must hold is computed from the moment that a value was made of, never from the value.</summary>
public sealed class GeneratedTablesTests : IDisposable
{
    private const int Cases = 10_000;

    private static readonly string[] Zones = ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Australia/Lord_Howe", "Asia/Kathmandu"];

    private static readonly TimeKind[] Kinds = [TimeKind.IsoText, TimeKind.UnixSeconds, TimeKind.UnixMilliseconds, TimeKind.JulianDay];

    /// <summary>No times, whatever the kind; some would be to SQLite's own functions.</summary>
    private static readonly object[] Garbage =
    [
        DBNull.Value, "", "now", "12:00", "2451545.0", "2024-02-31", "2024-13-01", "2024-01-01 25:00", "0001-01-01 00:00:00", "1970-01-01", " 2020-01-01", "2020-01-01 ", "2020-01-01T", "2020-01-01 10:00 CET",
        "2020-01-01\n", "20200101", "yesterday", "1", "1577836800", new byte[] { 1, 2 }, 0L, -1L, 1L, long.MinValue, long.MaxValue, 1e300, double.NegativeInfinity, 19_700_101L,
    ];

    private static readonly TimeSpan[] Distances =
    [
        TimeSpan.Zero, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(999), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(29), TimeSpan.FromHours(1), TimeSpan.FromHours(2), TimeSpan.FromHours(13), TimeSpan.FromHours(25), TimeSpan.FromDays(3), TimeSpan.FromDays(200),
    ];

    private readonly SqliteConnection _connection = SqliteHarness.Open(":memory:");

    [Fact]
    public void No_row_inside_its_age_goes_every_older_one_does_and_foreign_keys_stay_whole()
    {
        var (removed, archived, stopped) = (0, 0, 0);
        for (var seed = 0; seed < Cases; seed++)
        {
            var made = new Case(_connection, seed);
            var said = made.Run();
            Assert.True(said is null, $"Seed {seed}: {said}");
            (removed, archived, stopped) = (removed + made.Removed, archived + made.Archived, stopped + (made.WasStopped ? 1 : 0));
        }

        // It would be no proof if nothing happened.
        Assert.True(removed > Cases && archived > Cases / 3 && stopped > Cases / 10, $"{removed} {archived} {stopped}");
    }

    public void Dispose() => _connection.Dispose();

    private sealed class Case
    {
        private readonly SqliteConnection _connection;
        private readonly Random _random;
        private readonly TimeKind _kind;
        private readonly RowSelection _selection;
        private readonly string _zone;
        private readonly ArchiveKind _archive;
        private readonly List<Row> _rows = [];
        private readonly List<string> _lines = [];

        public Case(SqliteConnection connection, int seed)
        {
            (_connection, _random) = (connection, new Random(seed));
            _kind = Any(Kinds);
            _zone = Any(Zones);
            _archive = Any([ArchiveKind.None, ArchiveKind.File, ArchiveKind.Table]);
            var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(_random.Next(0, 500_000)).AddMilliseconds(_random.Next(0, 2) * 500);
            var cutoff = RowCutoff.Of(now, new RowClock(null, null), _random.Next(1, 400), _zone);
            _selection = new RowSelection(
                new RowTime("log's", "at", _kind, cutoff.Offset),
                cutoff.At,
                Any([null, "level = 'debug'", "length(level) = 5 OR level IS NULL"]),
                _random.Next(2) == 0,
                _archive == ArchiveKind.Table ? "old \"log\"" : null);
            Make();
        }

        public int Removed { get; private set; }

        public int Archived { get; private set; }

        public bool WasStopped { get; private set; }

        public string? Run()
        {
            // To count takes as long as to remove: some are proof enough that both mean the same rows.
            var planned = _random.Next(4) == 0 ? Preview() : null;
            for (var isThrough = false; !isThrough;)
            {
                // Stopped anywhere and begun anew, as after a kill: what was committed is all that is left of it.
                var pieces = _random.Next(4) == 0 ? _random.Next(0, 4) : int.MaxValue;
                WasStopped |= pieces != int.MaxValue;
                using var session = new Disposing(new RowSession(_connection, "memory", _selection, TimeProvider.System, ownsConnection: false, window: _random.Next(1, 16)));
                isThrough = _archive == ArchiveKind.File ? RunByFile(session.Session, pieces) : RunInPieces(session.Session, pieces);
            }

            return Judge(planned);
        }

        private static bool RunInPieces(RowSession session, int pieces)
        {
            for (; pieces > 0; pieces--)
            {
                if (session.RemoveNext(CancellationToken.None).IsLast)
                {
                    return true;
                }
            }

            return false;
        }

        private bool RunByFile(RowSession session, int pieces)
        {
            if (_lines.Count == 0)
            {
                using var file = new MemoryStream();
                var written = session.Write(file, _ => { }, CancellationToken.None);
                _lines.AddRange(Encoding.UTF8.GetString(file.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries));
                Assert.Equal(written.Rows, _lines.Count);
            }

            foreach (var some in _lines.Chunk(6))
            {
                if (pieces-- <= 0)
                {
                    return false;
                }

                session.RemoveWritten(some, CancellationToken.None);
            }

            return true;
        }

        private RowPreview Preview()
        {
            using var guard = new RowGuard(_connection);
            return CountOldRows.Run(_connection, guard, "memory", _selection);
        }

        private string? Judge(RowPreview? planned)
        {
            var left = Ids("SELECT id FROM \"log's\"");
            var pointedTo = Pointed();
            foreach (var row in _rows)
            {
                var isThere = left.Contains(row.Id);
                if (!isThere && (row.Latest is not { } latest || latest >= _selection.Cutoff))
                {
                    return $"Row {row.Id} ({row.Value}) is gone and was inside its age: {row.Latest:O}, cutoff {_selection.Cutoff:O}, {_zone}.";
                }

                if (!isThere && !Matches(row))
                {
                    return $"Row {row.Id} is gone and the condition was not true of it.";
                }

                // Around a change of clocks a wall time may stay for two hours more.
                if (isThere && row.Latest < _selection.Cutoff.AddHours(-2) && Matches(row) && !pointedTo.Contains(row.Id))
                {
                    return $"Row {row.Id} ({row.Value}) is there and was older: {row.Latest:O}, cutoff {_selection.Cutoff:O}, {_zone}.";
                }
            }

            Removed = _rows.Count - left.Count;

            // A row that was held by one that went is free for the pieces behind it.
            if (planned is not null && (Removed < planned.Going || Removed > planned.Going + planned.Held || planned.Total != _rows.Count))
            {
                return $"Counted {planned.Going} of {planned.Total} before, {Removed} of {_rows.Count} went.";
            }

            return Ids("SELECT count(*) FROM pragma_foreign_key_check").Single() != 0 ? "A foreign key points to nothing." : JudgeArchive(left);
        }

        /// <summary>Each row that went is in the archive, and once.</summary>
        private string? JudgeArchive(HashSet<long> left)
        {
            if (_archive == ArchiveKind.None)
            {
                return null;
            }

            var kept = _archive == ArchiveKind.Table
                ? List("SELECT id FROM \"old \"\"log\"\"\"")
                : [.. _lines.Select(line => long.Parse(line.Split("\"id\":")[1].Split([',', '}'])[0], CultureInfo.InvariantCulture))];
            Archived = kept.Count;
            return kept.Order().SequenceEqual(_rows.Select(row => row.Id).Where(id => !left.Contains(id)).Order()) ? null : "The archive does not hold just what went.";
        }

        private HashSet<long> Pointed() => Ids("SELECT parent FROM child WHERE parent IS NOT NULL").Union(Ids("SELECT self FROM \"log's\" WHERE self IS NOT NULL AND self <> id")).Union(_held).ToHashSet();

        private readonly HashSet<long> _held = [];

        private bool Matches(Row row) => _selection.Condition switch
        {
            null => true,
            "level = 'debug'" => row.Level == "debug",
            _ => row.Level is null or { Length: 5 },
        };

        private void Make()
        {
            var key = Any(["id INTEGER PRIMARY KEY", "id INTEGER NOT NULL UNIQUE", "id INTEGER NOT NULL PRIMARY KEY"]);
            var tail = key.Contains("NOT NULL PRIMARY", StringComparison.Ordinal) ? " WITHOUT ROWID" : "";
            var action = Any(["", "ON DELETE RESTRICT", "ON DELETE CASCADE", "ON DELETE SET NULL", "DEFERRABLE INITIALLY DEFERRED"]);

            // One that empties the column changes rows that were written already; they stay for the next run, which no test of one run can tell from a mistake.
            var selfAction = Any<string>(_archive == ArchiveKind.File ? ["", "ON DELETE CASCADE"] : ["", "ON DELETE CASCADE", "ON DELETE SET NULL"]);
            SqliteHarness.Execute(
                _connection,
                $""""
                PRAGMA foreign_keys = OFF;
                DROP TABLE IF EXISTS child;
                DROP TABLE IF EXISTS "log's";
                DROP TABLE IF EXISTS "old ""log""";
                CREATE TABLE "log's" ({key}, at, level TEXT, self INTEGER REFERENCES "log's" (id) {selfAction}){tail};
                CREATE TABLE child (parent INTEGER REFERENCES "log's" (id) {action});
                """");
            var count = _random.Next(0, 16);
            using var insert = _connection.CreateCommand();
            insert.CommandText = "INSERT INTO \"log's\" VALUES ($id, $at, $level, $self)";
            foreach (var name in new[] { "$id", "$at", "$level", "$self" })
            {
                insert.Parameters.AddWithValue(name, DBNull.Value);
            }

            for (var id = 1; id <= count; id++)
            {
                var row = MakeRow(id);
                _rows.Add(row);
                insert.Parameters["$id"].Value = id;
                insert.Parameters["$at"].Value = row.Value;
                insert.Parameters["$level"].Value = (object?)row.Level ?? DBNull.Value;
                insert.Parameters["$self"].Value = _random.Next(6) == 0 ? _random.Next(1, count + 1) : DBNull.Value;
                insert.ExecuteNonQuery();
            }

            for (var at = 0; count > 0 && at < _random.Next(0, 4); at++)
            {
                SqliteHarness.Execute(_connection, $"INSERT INTO child VALUES ({_random.Next(1, count + 1)})");
            }

            // What points to a row now holds it for this run, even when it goes itself.
            _held.UnionWith(Ids("SELECT self FROM \"log's\" WHERE self IS NOT NULL AND self <> id"));
        }

        private Row MakeRow(long id)
        {
            var level = Any(["debug", "error", "info", null]);
            if (_random.Next(4) == 0)
            {
                var value = Any(Garbage);

                // A whole number may be a time of another kind only, never of this one.
                return new Row(id, value, null, level);
            }

            var distance = Any(Distances);
            var moment = _random.Next(2) == 0 ? _selection.Cutoff - distance : _selection.Cutoff + distance;
            var (told, latest) = Tell(moment);
            return new Row(id, told, latest, level);
        }

        /// <summary>The value that tells a moment, and the latest moment that whoever wrote it can have meant.</summary>
        private (object Value, DateTimeOffset Latest) Tell(DateTimeOffset moment)
        {
            switch (_kind)
            {
                case TimeKind.UnixSeconds:
                    return _random.Next(2) == 0 ? (moment.ToUnixTimeSeconds(), DateTimeOffset.FromUnixTimeSeconds(moment.ToUnixTimeSeconds())) : (moment.ToUnixTimeMilliseconds() / 1000.0, moment);
                case TimeKind.UnixMilliseconds:
                    return (moment.ToUnixTimeMilliseconds(), moment);
                case TimeKind.JulianDay:
                    return (moment.ToUnixTimeMilliseconds() / 86_400_000.0 + 2_440_587.5, moment);
            }

            var zone = TimeZoneInfo.FindSystemTimeZoneById(_zone);
            var wall = TimeZoneInfo.ConvertTime(moment, zone);
            var elsewhere = TimeZoneInfo.ConvertTime(moment, TimeZoneInfo.FindSystemTimeZoneById(Any(Zones)));
            return _random.Next(7) switch
            {
                0 => (Text(moment, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"), moment),
                1 => (Text(elsewhere, "yyyy-MM-dd HH:mm:ss.fffzzz"), moment),
                2 => (Text(elsewhere, "yyyy-MM-dd'T'HH:mm:ss.fffffff zzz"), moment),
                3 => (Text(wall, "yyyy-MM-dd HH:mm:ss.fff"), moment),
                4 => (Text(wall, "yyyy-MM-dd"), EndOfDay(wall, zone)),
                5 => (Text(wall, "yyyy-MM-dd'T'HH:mm:ss"), moment.AddMilliseconds(-moment.Millisecond)),
                _ => (Text(moment, "yyyy-MM-dd HH:mm'Z'"), moment.AddMilliseconds(-moment.Millisecond).AddSeconds(-moment.Second)),
            };
        }

        private static DateTimeOffset EndOfDay(DateTimeOffset wall, TimeZoneInfo zone)
        {
            var midnight = wall.Date.AddDays(1);
            var offset = zone.IsAmbiguousTime(midnight) ? zone.GetAmbiguousTimeOffsets(midnight).Min() : zone.GetUtcOffset(midnight);
            return new DateTimeOffset(midnight, offset).AddMilliseconds(-1);
        }

        private static string Text(DateTimeOffset moment, string format) => moment.ToString(format, CultureInfo.InvariantCulture);

        private T Any<T>(T[] of) => of[_random.Next(of.Length)];

        private HashSet<long> Ids(string sql) => [.. List(sql)];

        private List<long> List(string sql)
        {
            using var command = _connection.CreateCommand();
            command.CommandText = sql;
            using var reader = command.ExecuteReader();
            List<long> all = [];
            while (reader.Read())
            {
                all.Add(reader.GetInt64(0));
            }

            return all;
        }
    }

    /// <param name="Latest">Null for what is no time.</param>
    private sealed record Row(long Id, object Value, DateTimeOffset? Latest, string? Level);

    private sealed class Disposing(RowSession session) : IDisposable
    {
        public RowSession Session => session;

        public void Dispose() => session.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}

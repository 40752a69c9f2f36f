using Dashboard.Core.Metrics;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Metrics;

/// <summary>Single samples out of many: the newest, those of a moment ago, those of each step.</summary>
internal static class ReadSamples
{
    public static Dictionary<SeriesKey, Sample> Latest(SqliteConnection connection, IEnumerable<(SeriesKey Key, long Id)> series, long to)
    {
        var found = new Dictionary<SeriesKey, Sample>();
        var missing = series.ToList();
        using var hot = new HotSamples(connection);

        // Nearly all were measured in the newest round; only the others are looked for in older ones.
        foreach (var at in hot.Moments(0, to).AsEnumerable().Reverse())
        {
            Look(id => hot.Value(at, id) is { } value ? (at, value) : null);
        }

        foreach (var sql in new[]
        {
            "SELECT at, value FROM samples WHERE series = ?1 AND at <= ?2 ORDER BY at DESC LIMIT 1",
            "SELECT at + last_after, last FROM samples_hourly WHERE series = ?1 AND at <= ?2 ORDER BY at DESC LIMIT 1",
            "SELECT at + last_after, last FROM samples_daily WHERE series = ?1 AND at <= ?2 ORDER BY at DESC LIMIT 1",
        })
        {
            using var newest = new Statement(connection, sql);
            Look(id => First(newest.With(id, to)));
        }

        return found;

        void Look(Func<long, (long At, double Value)?> look) => missing.RemoveAll(row =>
        {
            if (look(row.Id) is not { } sample)
            {
                return false;
            }

            found[row.Key] = new Sample(row.Key, sample.At, sample.Value);
            return true;
        });
    }

    public static Dictionary<SeriesKey, Sample> AsOf(SqliteConnection connection, IEnumerable<(SeriesKey Key, long Id)> series, long at, long notBefore)
    {
        var found = new Dictionary<SeriesKey, Sample>();
        using var newest = new Statement(
            connection,
            """
            SELECT at + last_after,
                   last
            FROM samples_hourly
            WHERE series = ?1
              AND at BETWEEN ?2 AND ?3
            ORDER BY at DESC
            LIMIT 1
            """);
        foreach (var (key, id) in series)
        {
            if (First(newest.With(id, notBefore, at - (long)Resolution.Hourly)) is { } sample)
            {
                found[key] = new Sample(key, sample.At, sample.Value);
            }
        }

        return found;
    }

    public static Dictionary<SeriesKey, IReadOnlyList<Sample>> Steps(SqliteConnection connection, IEnumerable<(SeriesKey Key, long Id)> series, Resolution resolution, long from, long to, int step)
    {
        var found = new Dictionary<SeriesKey, IReadOnlyList<Sample>>();

        // Beside MAX, the other columns are those of the row that has it (https://www.sqlite.org/lang_select.html#bareagg).
        using var rows = new Statement(
            connection,
            $"""
            SELECT MAX(at) + last_after,
                   last
            FROM {(resolution == Resolution.Daily ? "samples_daily" : "samples_hourly")}
            WHERE series = ?1
              AND at BETWEEN ?2 AND ?3
            GROUP BY at / ?4
            """);
        foreach (var (key, id) in series)
        {
            var steps = new List<Sample>();
            rows.With(id, from, to, step);
            while (rows.Next())
            {
                steps.Add(new Sample(key, rows.Long(0), rows.Double(1)));
            }

            if (steps.Count > 0)
            {
                found[key] = steps;
            }
        }

        return found;
    }

    /// <summary>The day, then its first hour, then that hour's first sample, as far as they are kept.</summary>
    public static Dictionary<SeriesKey, long> FirstOf(SqliteConnection connection, IEnumerable<(SeriesKey Key, long Id)> series)
    {
        var found = new Dictionary<SeriesKey, long>();
        using var day = new Statement(connection, "SELECT MIN(at) FROM samples_daily WHERE series = ?1");
        using var hour = new Statement(connection, "SELECT MIN(at) FROM samples_hourly WHERE series = ?1 AND at >= ?2");
        using var sample = new Statement(connection, "SELECT MIN(at) FROM samples WHERE series = ?1 AND at >= ?2");
        using var hot = new HotSamples(connection);
        var moments = hot.Moments(0, long.MaxValue);
        foreach (var (key, id) in series)
        {
            if (Least(day.With(id)) is { } first)
            {
                first = Least(hour.With(id, first)) is { } at && at < first + (int)Resolution.Daily ? at : first;
                found[key] = Least(sample.With(id, first)) is { } taken && taken < first + (int)Resolution.Hourly ? taken : first;
            }
            else if (moments.Where(at => hot.Value(at, id) is not null).Select(at => (long?)at).FirstOrDefault() is { } at)
            {
                found[key] = at;
            }
        }

        return found;
    }

    private static (long At, double Value)? First(Statement statement)
    {
        (long, double)? row = statement.Next() ? (statement.Long(0), statement.Double(1)) : null;
        statement.Reset();
        return row;
    }

    private static long? Least(Statement statement)
    {
        statement.Next();
        long? least = statement.IsNull(0) ? null : statement.Long(0);
        statement.Reset();
        return least;
    }
}

using Dashboard.Core.Databases;

namespace Dashboard.Core.Metrics;

/// <summary>
/// What the sample would have looked like before it was made: it grows in office hours, fills with free pages until a VACUUM takes them
/// away, and was switched off twice. It ends as the sample is. The same each time. Pure.
/// </summary>
internal sealed class SamplePast(DatabaseState state, TableList tables, long now)
{
    public const int Days = 90;

    private const int Hour = (int)Resolution.Hourly;
    private const int Day = (int)Resolution.Daily;

    /// <summary>Seconds before now.</summary>
    private const long VacuumAgo = 34L * Day;
    private static readonly (long From, long To)[] SwitchedOff = [(52L * Day, 52L * Day - 9 * Hour), (5L * Day, 5L * Day - 3 * Hour)];

    private const double AtTheBeginning = 0.4;
    private const double FreeAtVacuum = 0.3;
    private const double WeekendWork = 0.1;
    private const double NightWork = 0.05;

    private readonly double[] _worked = Worked(now);
    private readonly long _page = Math.Max(1, Number(state, "page-size"));
    private readonly long _free = Number(state, Metric.Free);
    private readonly long _used = Math.Max(0, Number(state, Metric.File) - Number(state, Metric.Free));

    public bool WasOff(long at) => SwitchedOff.Any(off => at > now - off.From && at < now - off.To);

    public DatabaseState StateAt(long at)
    {
        var used = _used * Grown(at);
        var free = at < now - VacuumAgo
            ? FreeAtVacuum * used * (at - (now - (long)Days * Day)) / ((double)Days * Day - VacuumAgo)
            : _free * (at - (now - VacuumAgo)) / (double)VacuumAgo;
        var file = Whole(used + free);
        var wal = Wal(at);
        return new DatabaseState(
            DateTimeOffset.FromUnixTimeSeconds(at),
            file + wal,
            state.EngineVersion,
            [.. state.Facts.Select(fact => fact.Key switch
            {
                Metric.File => fact with { Number = file },
                Metric.Wal => fact with { Number = wal },
                Metric.Free => fact with { Number = Math.Min(file, Whole(free)) },
                Metric.Pages => fact with { Number = file / _page },
                _ => fact,
            })]);
    }

    public TableList TablesAt(long at)
    {
        var (grown, moment) = (Grown(at), DateTimeOffset.FromUnixTimeSeconds(at));
        return new TableList(moment, [.. tables.Tables.Select(table => table with { Rows = Then(table.Rows, 1), DataBytes = Then(table.DataBytes, _page), IndexBytes = Then(table.IndexBytes, _page) })]);

        Measure? Then(Measure? measure, long unit) =>
            measure is null ? null : new Measure(Math.Max(Math.Min(unit, measure.Value), (long)(measure.Value * grown) / unit * unit), measure.IsExact, moment);
    }

    /// <summary>The part of today's content that was there.</summary>
    private double Grown(long at)
    {
        var hours = Math.Clamp((at - (now - (double)Days * Day)) / Hour, 0, _worked.Length - 1);
        var whole = (int)hours;
        var worked = _worked[whole] + (hours - whole) * (_worked[Math.Min(whole + 1, _worked.Length - 1)] - _worked[whole]);
        return AtTheBeginning + (1 - AtTheBeginning) * worked / _worked[^1];
    }

    /// <summary>Work done by the end of each hour since the beginning.</summary>
    private static double[] Worked(long now)
    {
        var worked = new double[Days * 24 + 1];
        for (var hour = 1; hour < worked.Length; hour++)
        {
            worked[hour] = worked[hour - 1] + Work(DateTimeOffset.FromUnixTimeSeconds(now - (long)Days * Day + (hour - 1L) * Hour));
        }

        return worked;
    }

    private static double Work(DateTimeOffset at) => at.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? WeekendWork : at.Hour is >= 8 and < 18 ? 1 : NightWork;

    /// <summary>Grows with what is written, and falls to nothing when a checkpoint has found no reader.</summary>
    private long Wal(long at)
    {
        var moment = DateTimeOffset.FromUnixTimeSeconds(at);
        return Work(moment) < 1 ? 0 : (moment.Hour * 60 + moment.Minute + moment.DayOfYear * 7) * 13 % 1000 * _page;
    }

    private long Whole(double bytes) => (long)(bytes / _page) * _page;

    private static long Number(DatabaseState state, string key) => state.Facts.FirstOrDefault(fact => fact.Key == key)?.Number ?? 0;
}

using Dashboard.Core.Databases;
using Dashboard.Core.Metrics;

namespace Dashboard.Web.Components.Charts;

/// <summary>A chart in a sentence, for who can't see it and for who has no time to. Pure.</summary>
public static class ChartWords
{
    public static string Amount(double value, ChartUnit unit) => unit == ChartUnit.Bytes ? Words.Bytes((long)Math.Round(value)) : Words.Count((long)Math.Round(value));

    /// <summary>"+1.2 MiB (+3 %)", "no change", "−4 rows".</summary>
    public static string Change(double before, double after, ChartUnit unit)
    {
        var difference = after - before;
        if (Math.Abs(difference) < 0.5)
        {
            return "no change";
        }

        var sign = difference > 0 ? "+" : "−";
        var amount = sign + Amount(Math.Abs(difference), unit);
        var percent = before > 0 ? Math.Abs(100 * difference / before) : double.NaN;
        return percent switch
        {
            double.NaN => amount,
            < 0.05 => $"{amount} (less than 0.1 %)",
            < 10 => $"{amount} ({sign}{percent.ToString("0.#", System.Globalization.CultureInfo.InvariantCulture)} %)",
            _ => $"{amount} ({sign}{Math.Round(percent).ToString("N0", System.Globalization.CultureInfo.InvariantCulture)} %)",
        };
    }

    /// <summary>"From 10 MiB to 14 MiB: +4 MiB (+40 %). Highest 15 MiB, 3 Nov 14:02. Not read in 2 spans."</summary>
    /// <param name="moment">How a moment is said in the zone of the person.</param>
    public static string Summary(string name, IReadOnlyList<SeriesPoint> points, ChartUnit unit, Func<DateTimeOffset, string> moment)
    {
        ArgumentNullException.ThrowIfNull(points);
        ArgumentNullException.ThrowIfNull(moment);
        var known = points.Where(point => point.Value is not null).ToList();
        if (known.Count == 0)
        {
            return $"{name}: nothing is known.";
        }

        var (first, last, highest) = (known[0], known[^1], known.MaxBy(point => point.Value)!);
        var gaps = points.Count(point => point.Value is null);
        var sentence = $"{name}: from {Amount(first.Value!.Value, unit)} to {Amount(last.Value!.Value, unit)}, {Change(first.Value.Value, last.Value.Value, unit)}.";
        if (highest.Value > Math.Max(first.Value.Value, last.Value.Value))
        {
            sentence += $" Highest {Amount(highest.Value.Value, unit)}, {moment(highest.At)}.";
        }

        return gaps == 0 ? sentence : $"{sentence} {(gaps == 1 ? "Once" : $"{gaps} times")} it was not measured for a while.";
    }
}

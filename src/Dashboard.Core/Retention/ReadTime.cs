using System.Globalization;
using System.Text.RegularExpressions;

namespace Dashboard.Core.Retention;

/// <summary>Which kind of time a sample shows. Pure; what counts as readable is the same that the engines ask for in SQL.</summary>
public static partial class ReadTime
{
    /// <summary>
    /// Times outside of 1990 to 2199 are no times: 0, the first of January 1970 or of the year 1 stand for "not set", and seconds that are
    /// read as milliseconds land in 1970. Such a row is never removed.
    /// </summary>
    public const long EarliestSeconds = 631_152_000;

    /// <summary>See <see cref="EarliestSeconds"/>.</summary>
    public const long LatestSeconds = 7_258_118_400;

    public const double JulianEpoch = 2_440_587.5;

    public const double SecondsOfADay = 86_400;

    /// <summary>So many of a sample must be readable before a kind is taken for the right one.</summary>
    private const double Enough = 0.9;

    /// <summary>The kind of time that nearly all of these values are; null when they are none.</summary>
    /// <param name="values">Text, or numbers as long or double; null values count for nothing.</param>
    public static TimeKind? Detect(IReadOnlyCollection<object?> values)
    {
        var told = values.Where(value => value is not null).ToList();
        if (told.Count == 0)
        {
            return null;
        }

        TimeKind[] kinds = [TimeKind.IsoText, TimeKind.UnixSeconds, TimeKind.UnixMilliseconds, TimeKind.JulianDay];
        var best = kinds.MaxBy(kind => told.Count(value => CanBe(value!, kind)));
        return told.Count(value => CanBe(value!, best)) >= told.Count * Enough ? best : null;
    }

    /// <summary>Whether a rule with this kind could read the value.</summary>
    public static bool CanBe(object value, TimeKind kind) => (value, kind) switch
    {
        (string text, TimeKind.IsoText) => IsIso(text),
        (long number, _) => IsNumber(number, kind),
        (double number, _) => IsNumber(number, kind),
        _ => false,
    };

    /// <summary>One of the values as text, rather one that tells a time; null when there is none.</summary>
    public static string? ExampleOf(IReadOnlyCollection<object?> values, TimeKind? kind)
    {
        var example = values.FirstOrDefault(value => value is not null && kind is { } known && CanBe(value, known)) ?? values.FirstOrDefault(value => value is not null);
        return Convert.ToString(example, CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : null;
    }

    private static bool IsNumber(double number, TimeKind kind) => kind switch
    {
        TimeKind.UnixSeconds => number is >= EarliestSeconds and <= LatestSeconds,
        TimeKind.UnixMilliseconds => number is >= EarliestSeconds * 1000.0 and <= LatestSeconds * 1000.0,
        TimeKind.JulianDay => (number - JulianEpoch) * SecondsOfADay is >= EarliestSeconds and <= LatestSeconds,
        _ => false,
    };

    private static bool IsIso(string text) =>
        Iso().IsMatch(text) && DateOnly.TryParseExact(text[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    [GeneratedRegex(@"^(199\d|20\d\d|21\d\d)-\d\d-\d\d([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?( ?([Zz]|[+-](0\d|1[0-4]):[0-5]\d))?)?\z")]
    private static partial Regex Iso();
}

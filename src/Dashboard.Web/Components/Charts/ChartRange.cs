using System.Globalization;

namespace Dashboard.Web.Components.Charts;

/// <summary>The span of time that a chart shows, as it stands in the address: <c>range=7d</c>, or <c>from=…&amp;to=…</c> in ISO and UTC. Pure.</summary>
/// <param name="Key">"1h" … "all"; null when both ends are given.</param>
public sealed record ChartRange(string? Key, DateTimeOffset? From = null, DateTimeOffset? To = null)
{
    /// <summary>Below this there is nothing to see between two samples.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMinutes(2);

    public static ChartRange Default { get; } = new("7d");

    /// <summary>What can be chosen with one click, in the order of the buttons; null is everything that is known.</summary>
    public static IReadOnlyList<(string Key, string Title, string Words, TimeSpan? Span)> Quick { get; } =
    [
        ("1h", "1 h", "in the last hour", TimeSpan.FromHours(1)),
        ("24h", "24 h", "in the last 24 hours", TimeSpan.FromHours(24)),
        ("7d", "7 d", "in the last 7 days", TimeSpan.FromDays(7)),
        ("30d", "30 d", "in the last 30 days", TimeSpan.FromDays(30)),
        ("90d", "90 d", "in the last 90 days", TimeSpan.FromDays(90)),
        ("1y", "1 y", "in the last year", TimeSpan.FromDays(365)),
        ("all", "All", "since the first sample", null),
    ];

    /// <summary>Ends now, so that new samples appear in it.</summary>
    public bool IsLive => Key is not null;

    /// <summary>"in the last 7 days"; null where the ends say it.</summary>
    public string? Words => Key is null ? null : Quick.First(quick => quick.Key == Key).Words;

    /// <summary>What an address says; what makes no sense there is the default.</summary>
    public static ChartRange Parse(string? key, string? from, string? to)
    {
        if (Moment(from) is { } first && Moment(to) is { } last && last - first >= Shortest)
        {
            return new ChartRange(null, first, last);
        }

        return Quick.Any(quick => quick.Key == key) ? new ChartRange(key) : Default;
    }

    /// <summary>A span that was drawn with the pointer, in either direction; as long as the shortest.</summary>
    public static ChartRange Between(DateTimeOffset one, DateTimeOffset other)
    {
        var (from, to) = one < other ? (one, other) : (other, one);
        return new ChartRange(null, from, to - from < Shortest ? from + Shortest : to);
    }

    /// <summary>Both ends for the address; null stands for leaving the parameter out.</summary>
    public IReadOnlyDictionary<string, object?> Address() => new Dictionary<string, object?>
    {
        ["range"] = this == Default ? null : Key,
        ["from"] = Iso(From),
        ["to"] = Iso(To),
    };

    /// <param name="first">The oldest sample, where it is known.</param>
    public (DateTimeOffset From, DateTimeOffset To) Window(DateTimeOffset now, DateTimeOffset? first)
    {
        if (Key is null)
        {
            return (From!.Value, To!.Value);
        }

        var span = Quick.First(quick => quick.Key == Key).Span;
        var from = span is null ? first ?? now - TimeSpan.FromHours(1) : now - span.Value;
        return (now - from < Shortest ? now - Shortest : from, now);
    }

    private static string? Iso(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static DateTimeOffset? Moment(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null;
}

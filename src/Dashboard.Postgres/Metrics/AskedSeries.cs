using Dashboard.Core.Metrics;

namespace Dashboard.Postgres.Metrics;

/// <summary>The series of a question: their numbers go to the server, their keys come back.</summary>
internal sealed class AskedSeries(IReadOnlyList<(SeriesKey Key, int Id)> series)
{
    private readonly ILookup<int, SeriesKey> _keys = series.ToLookup(row => row.Id, row => row.Key);

    public int[] Ids { get; } = [.. series.Select(row => row.Id).Distinct()];

    /// <summary>Two keys that text can't tell apart are one series.</summary>
    public IEnumerable<SeriesKey> KeysOf(int id) => _keys[id];

    public int[] Except(IEnumerable<int> found) => [.. Ids.Except(found)];
}

using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Metrics;

/// <summary>
/// Reads the short table of the last hours. Its key begins with the time and a round has one time for all its samples, so it is read
/// by walking from moment to moment and looking into each: hundreds of steps where a scan would take a million.
/// </summary>
internal sealed class HotSamples(SqliteConnection connection) : IDisposable
{
    private readonly Statement _next = new(connection, "SELECT MIN(at) FROM samples_hot WHERE at >= ?1");
    private readonly Statement _value = new(connection, "SELECT value FROM samples_hot WHERE at = ?1 AND series = ?2");

    /// <summary>The moments at which something was measured, both ends included.</summary>
    public List<long> Moments(long from, long to)
    {
        var moments = new List<long>();
        while (Next(from) is { } at && at <= to)
        {
            moments.Add(at);
            from = at + 1;
        }

        return moments;
    }

    /// <summary>The first moment from this one on.</summary>
    public long? Next(long from)
    {
        _next.With(from).Next();
        long? at = _next.IsNull(0) ? null : _next.Long(0);
        _next.Reset();
        return at;
    }

    public double? Value(long at, long series)
    {
        double? value = _value.With(at, series).Next() ? _value.Double(0) : null;
        _value.Reset();
        return value;
    }

    public void Dispose()
    {
        _next.Dispose();
        _value.Dispose();
    }
}

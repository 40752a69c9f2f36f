using Dashboard.Core.Metrics;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Metrics;

/// <summary>Writes roll-ups to their table. One of more samples is never replaced by one of fewer: those of the other are gone already.</summary>
internal sealed class RollUpRows(SqliteConnection connection, string table) : IDisposable
{
    private readonly Statement _store = new(
        connection,
        $"""
        INSERT INTO {table} (series, at, last_after, count, min, max, sum, last)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT DO UPDATE SET
            last_after = excluded.last_after,
            count = excluded.count,
            min = excluded.min,
            max = excluded.max,
            sum = excluded.sum,
            last = excluded.last
        WHERE excluded.count >= count
        """);

    public void Store(long series, IEnumerable<Bucket> buckets)
    {
        foreach (var bucket in buckets)
        {
            _store.With(series, bucket.At, bucket.LastAt - bucket.At, bucket.Count).And(5, bucket.Min).And(6, bucket.Max).And(7, bucket.Sum).And(8, bucket.Last).Run();
        }
    }

    public void Dispose() => _store.Dispose();
}

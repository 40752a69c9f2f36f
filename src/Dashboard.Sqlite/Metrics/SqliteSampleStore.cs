using Dashboard.Core.Databases;
using Dashboard.Core.Metrics;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Metrics;

/// <summary>Samples in the dashboard's SQLite store. Each member stands in a file of its name; here they get a thread and their turn.</summary>
public sealed class SqliteSampleStore : ISampleStore, IDisposable
{
    /// <summary>About a tenth of a second of writing: others who write to the store wait no longer.</summary>
    private const int RowsOfAPart = 50_000;

    private readonly int _rowsOfAPart;
    private readonly SampleFile _file;
    private readonly SeriesIds _ids = new();

    /// <summary>SQLite has one writer at a time; waiting for it here is fairer than its busy handler.</summary>
    private readonly SemaphoreSlim _writing = new(1);

    public SqliteSampleStore(string file)
        : this(file, RowsOfAPart)
    {
    }

    internal SqliteSampleStore(string file, int rowsOfAPart)
    {
        _file = new SampleFile(file);
        _rowsOfAPart = rowsOfAPart;
    }

    public Task AppendAsync(IReadOnlyCollection<Sample> samples, CancellationToken cancellationToken)
    {
        IReadOnlyList<Sample> batch = samples as IReadOnlyList<Sample> ?? [.. samples];
        return WriteAsync(
            connection =>
            {
                Dictionary<SeriesKey, long> made = [];
                SampleFile.Write(connection, () =>
                {
                    (var ids, made) = _ids.FindOrMake(connection, batch);
                    AppendSamples.Run(connection, batch, ids);
                });

                // Only what was committed may be known.
                _ids.Learn(made);
            },
            cancellationToken);
    }

    public Task<IReadOnlyDictionary<SeriesKey, IReadOnlyList<Bucket>>> ReadAsync(IReadOnlyCollection<SeriesKey> keys, Resolution resolution, long from, long to, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyDictionary<SeriesKey, IReadOnlyList<Bucket>>>(
            connection =>
            {
                var found = new Dictionary<SeriesKey, IReadOnlyList<Bucket>>();
                using var moved = new ReadBuckets(connection, resolution);
                using var hot = new HotSamples(connection);
                var moments = hot.Moments(from, to);
                foreach (var (key, id) in _ids.Find(connection, keys))
                {
                    if (ReadBuckets.WithHot(moved, hot, moments, id, from, to) is { Count: > 0 } buckets)
                    {
                        found[key] = buckets;
                    }
                }

                return found;
            },
            cancellationToken);

    public Task<IReadOnlyDictionary<SeriesKey, Sample>> ReadLatestAsync(IReadOnlyCollection<SeriesKey> keys, long to, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyDictionary<SeriesKey, Sample>>(connection => ReadSamples.Latest(connection, _ids.Find(connection, keys), to), cancellationToken);

    public Task<IReadOnlyDictionary<SeriesKey, IReadOnlyList<Sample>>> ReadStepsAsync(IReadOnlyCollection<SeriesKey> keys, Resolution resolution, long from, long to, int step, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyDictionary<SeriesKey, IReadOnlyList<Sample>>>(connection => ReadSamples.Steps(connection, _ids.Find(connection, keys), resolution, from, to, step), cancellationToken);

    public Task<IReadOnlyDictionary<SeriesKey, Sample>> ReadAsOfAsync(IReadOnlyCollection<SeriesKey> keys, long at, long notBefore, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyDictionary<SeriesKey, Sample>>(connection => ReadSamples.AsOf(connection, _ids.Find(connection, keys), at, notBefore), cancellationToken);

    public Task<IReadOnlyDictionary<SeriesKey, long>> ReadFirstAsync(IReadOnlyCollection<SeriesKey> keys, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyDictionary<SeriesKey, long>>(connection => ReadSamples.FirstOf(connection, _ids.Find(connection, keys)), cancellationToken);

    public Task<IReadOnlyList<SeriesKey>> FindAsync(Subject subject, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<SeriesKey>>(connection => [.. _ids.All(connection).Where(key => key.Subject == subject)], cancellationToken);

    public Task<IReadOnlyList<Subject>> FindSubjectsAsync(CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<Subject>>(connection => [.. _ids.All(connection).Select(key => key.Subject).Distinct()], cancellationToken);

    public Task MoveClosedHoursAsync(long before, CancellationToken cancellationToken) => WriteAsync(
        connection =>
        {
            using var move = new MoveClosedHours(connection, _rowsOfAPart);
            move.Run(before, cancellationToken);
        },
        cancellationToken);

    public Task PruneAsync(SampleHorizons horizons, CancellationToken cancellationToken) =>
        WriteAsync(connection => PruneSamples.Run(connection, _ids.Find(connection, _ids.All(connection)), horizons, _rowsOfAPart, cancellationToken), cancellationToken);

    public Task DeleteAsync(Subject subject, CancellationToken cancellationToken) => WriteAsync(
        connection =>
        {
            SampleFile.Write(connection, () => DeleteSeries.Run(connection, subject));
            _ids.Forget(subject);
        },
        cancellationToken);

    public void Dispose()
    {
        _writing.Dispose();
        _file.Close();
    }

    private Task<T> ReadAsync<T>(Func<SqliteConnection, T> question, CancellationToken cancellationToken) => Task.Run(() => _file.Read(question), cancellationToken);

    private async Task WriteAsync(Action<SqliteConnection> change, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await Task.Run(
                () =>
                {
                    using var connection = _file.Open();
                    change(connection);
                },
                cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }
}

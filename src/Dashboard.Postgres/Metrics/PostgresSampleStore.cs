using Dashboard.Core.Databases;
using Dashboard.Core.Metrics;
using Dashboard.Postgres.Store;
using Npgsql;

namespace Dashboard.Postgres.Metrics;

/// <summary>
/// Samples in the dashboard's store on PostgreSQL. Each member stands in a file of its name; here they get a connection and their turn.
/// Every question is one statement for all of its series, or a few in one transaction.
/// </summary>
internal sealed class PostgresSampleStore : ISampleStore, IDisposable
{
    /// <summary>Some tenths of a second of writing.</summary>
    private const int RowsOfAPart = 50_000;

    private readonly SampleServer _server;
    private readonly int _rowsOfAPart;
    private readonly SeriesIds _ids = new();

    /// <summary>One batch, part or deletion at a time: the numbers of series are known to those that write.</summary>
    private readonly SemaphoreSlim _writing = new(1);

    public PostgresSampleStore(StoreServer server)
        : this(server, RowsOfAPart)
    {
    }

    internal PostgresSampleStore(StoreServer server, int rowsOfAPart)
    {
        _server = new SampleServer(server.Source);
        _rowsOfAPart = rowsOfAPart;
    }

    public Task AppendAsync(IReadOnlyCollection<Sample> samples, CancellationToken cancellationToken) => samples.Count == 0
        ? Task.CompletedTask
        : WriteAsync(
            async connection =>
            {
                IReadOnlyList<Sample> batch = samples as IReadOnlyList<Sample> ?? [.. samples];
                Dictionary<SeriesKey, int> made = [];
                await SampleServer.WriteAsync(
                    connection,
                    async () =>
                    {
                        (var ids, made) = await _ids.FindOrMakeAsync(connection, batch, cancellationToken);
                        await AppendSamples.RunAsync(connection, batch, ids, cancellationToken);
                    },
                    cancellationToken);

                // Only what was committed may be known.
                _ids.Learn(made);
            },
            cancellationToken);

    public async Task<IReadOnlyDictionary<SeriesKey, IReadOnlyList<Bucket>>> ReadAsync(IReadOnlyCollection<SeriesKey> keys, Resolution resolution, long from, long to, CancellationToken cancellationToken) =>
        await ReadAsync(keys, (connection, series) => ReadBuckets.RunAsync(connection, series, resolution, from, to, cancellationToken), cancellationToken);

    public async Task<IReadOnlyDictionary<SeriesKey, Sample>> ReadLatestAsync(IReadOnlyCollection<SeriesKey> keys, long to, CancellationToken cancellationToken) =>
        await ReadAsync(keys, (connection, series) => ReadLatest.RunAsync(connection, series, to, cancellationToken), cancellationToken);

    public async Task<IReadOnlyDictionary<SeriesKey, IReadOnlyList<Sample>>> ReadStepsAsync(IReadOnlyCollection<SeriesKey> keys, Resolution resolution, long from, long to, int step, CancellationToken cancellationToken) =>
        await ReadAsync(keys, (connection, series) => ReadSamples.StepsAsync(connection, series, resolution, from, to, step, cancellationToken), cancellationToken);

    public async Task<IReadOnlyDictionary<SeriesKey, Sample>> ReadAsOfAsync(IReadOnlyCollection<SeriesKey> keys, long at, long notBefore, CancellationToken cancellationToken) =>
        await ReadAsync(keys, (connection, series) => ReadSamples.AsOfAsync(connection, series, at, notBefore, cancellationToken), cancellationToken);

    public async Task<IReadOnlyDictionary<SeriesKey, long>> ReadFirstAsync(IReadOnlyCollection<SeriesKey> keys, CancellationToken cancellationToken) =>
        await ReadAsync(keys, (connection, series) => ReadSamples.FirstAsync(connection, series, cancellationToken), cancellationToken);

    public async Task<IReadOnlyList<SeriesKey>> FindAsync(Subject subject, CancellationToken cancellationToken) =>
        [.. (await AllAsync(cancellationToken)).Where(row => row.Key.Subject == subject).Select(row => row.Key)];

    public async Task<IReadOnlyList<Subject>> FindSubjectsAsync(CancellationToken cancellationToken) =>
        [.. (await AllAsync(cancellationToken)).Select(row => row.Key.Subject).Distinct()];

    public Task MoveClosedHoursAsync(long before, CancellationToken cancellationToken) =>
        WriteAsync(connection => new MoveClosedHours(connection, _rowsOfAPart, cancellationToken).RunAsync(before), cancellationToken);

    public Task PruneAsync(SampleHorizons horizons, CancellationToken cancellationToken) =>
        WriteAsync(async connection => await PruneSamples.RunAsync(connection, await _ids.AllAsync(connection, cancellationToken), horizons, cancellationToken), cancellationToken);

    public Task DeleteAsync(Subject subject, CancellationToken cancellationToken) => WriteAsync(
        async connection =>
        {
            await SampleServer.WriteAsync(connection, () => DeleteSeries.RunAsync(connection, subject, cancellationToken), cancellationToken);
            _ids.Forget(subject);
        },
        cancellationToken);

    public void Dispose()
    {
        _writing.Dispose();
        _ids.Dispose();
    }

    private Task<IReadOnlyList<(SeriesKey Key, int Id)>> AllAsync(CancellationToken cancellationToken) =>
        _server.ReadAsync(connection => _ids.AllAsync(connection, cancellationToken), cancellationToken);

    /// <summary>Asks by number, answers by key.</summary>
    private Task<Dictionary<SeriesKey, T>> ReadAsync<T>(IReadOnlyCollection<SeriesKey> keys, Func<NpgsqlConnection, AskedSeries, Task<Dictionary<SeriesKey, T>>> question, CancellationToken cancellationToken) =>
        _server.ReadAsync(
            async connection =>
            {
                var series = new AskedSeries(await _ids.FindAsync(connection, keys, cancellationToken));
                return series.Ids.Length == 0 ? [] : await question(connection, series);
            },
            cancellationToken);

    private async Task WriteAsync(Func<NpgsqlConnection, Task> change, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await using var connection = await _server.OpenAsync(cancellationToken);
            await change(connection);
        }
        finally
        {
            _writing.Release();
        }
    }
}

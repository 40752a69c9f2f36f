using System.Collections.Concurrent;
using Dashboard.Core.Databases;
using Dashboard.Core.Metrics;
using Dashboard.Postgres.Store;
using Npgsql;

namespace Dashboard.Postgres.Metrics;

/// <summary>The numbers that series have in the store. All are held in memory: each round asks for all of them, and this process is alone with the store.</summary>
internal sealed class SeriesIds : IDisposable
{
    private readonly SemaphoreSlim _loading = new(1);
    private ConcurrentDictionary<SeriesKey, int>? _known;

    /// <summary>Those that have one, in the order of <paramref name="keys"/>.</summary>
    public async Task<IReadOnlyList<(SeriesKey Key, int Id)>> FindAsync(NpgsqlConnection connection, IEnumerable<SeriesKey> keys, CancellationToken cancellationToken)
    {
        var known = await LoadAsync(connection, cancellationToken);
        var found = new List<(SeriesKey, int)>();
        foreach (var key in keys.Distinct())
        {
            if (known.TryGetValue(Kept(key), out var id))
            {
                found.Add((key, id));
            }
        }

        return found;
    }

    public async Task<IReadOnlyList<(SeriesKey Key, int Id)>> AllAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        [.. (await LoadAsync(connection, cancellationToken)).Select(row => (row.Key, row.Value))];

    /// <summary>The number of each sample's series, made where it is new. To be told with <see cref="Learn"/> once they are stored.</summary>
    public async Task<(int[] Ids, Dictionary<SeriesKey, int> Made)> FindOrMakeAsync(NpgsqlConnection connection, IReadOnlyList<Sample> samples, CancellationToken cancellationToken)
    {
        var known = await LoadAsync(connection, cancellationToken);
        var keys = samples.Select(sample => Kept(sample.Key)).ToArray();
        var made = await MakeAsync(connection, [.. keys.Where(key => !known.ContainsKey(key)).Distinct()], cancellationToken);
        return ([.. keys.Select(key => known.TryGetValue(key, out var id) ? id : made[key])], made);
    }

    public void Learn(Dictionary<SeriesKey, int> made)
    {
        foreach (var (key, id) in made)
        {
            _known![key] = id;
        }
    }

    public void Forget(Subject subject)
    {
        foreach (var key in _known?.Keys.Where(key => key.Subject == subject).ToList() ?? [])
        {
            _known!.TryRemove(key, out _);
        }
    }

    public void Dispose() => _loading.Dispose();

    /// <summary>The key as text can hold it; null and empty are the same part.</summary>
    private static SeriesKey Kept(SeriesKey key) => key.Part is null ? key : key with { Part = key.Part.Length == 0 ? null : OnlyWhatTextCanHold.Of(key.Part) };

    private static async Task<Dictionary<SeriesKey, int>> MakeAsync(NpgsqlConnection connection, SeriesKey[] keys, CancellationToken cancellationToken)
    {
        if (keys.Length == 0)
        {
            return [];
        }

        await using var make = new NpgsqlCommand(
            """
            INSERT INTO series (subject_kind, subject_id, metric, part)
            SELECT *
            FROM unnest(@kinds, @subjects, @metrics, @parts)
            ON CONFLICT (subject_kind, subject_id, metric, md5(part)) DO UPDATE SET part = excluded.part
            RETURNING id,
                      subject_kind,
                      subject_id,
                      metric,
                      part
            """,
            connection);
        make.Parameters.AddWithValue("kinds", keys.Select(key => (int)key.Subject.Kind).ToArray());
        make.Parameters.AddWithValue("subjects", keys.Select(key => key.Subject.Id).ToArray());
        make.Parameters.AddWithValue("metrics", keys.Select(key => key.Metric).ToArray());
        make.Parameters.AddWithValue("parts", keys.Select(key => key.Part ?? "").ToArray());
        return new Dictionary<SeriesKey, int>(await ReadAsync(make, cancellationToken));
    }

    private async Task<ConcurrentDictionary<SeriesKey, int>> LoadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (_known is not null)
        {
            return _known;
        }

        await _loading.WaitAsync(cancellationToken);
        try
        {
            if (_known is null)
            {
                await using var all = new NpgsqlCommand("SELECT id, subject_kind, subject_id, metric, part FROM series", connection);
                _known = new ConcurrentDictionary<SeriesKey, int>(await ReadAsync(all, cancellationToken));
            }

            return _known;
        }
        finally
        {
            _loading.Release();
        }
    }

    private static async Task<List<KeyValuePair<SeriesKey, int>>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var series = new List<KeyValuePair<SeriesKey, int>>();
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            var part = rows.GetString(4);
            series.Add(new(new SeriesKey(new Subject((SubjectKind)rows.GetInt32(1), rows.GetGuid(2)), rows.GetString(3), part.Length == 0 ? null : part), rows.GetInt32(0)));
        }

        return series;
    }
}

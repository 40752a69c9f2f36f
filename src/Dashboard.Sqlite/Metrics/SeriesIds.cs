using System.Runtime.InteropServices;
using Dashboard.Core.Databases;
using Dashboard.Core.Metrics;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Metrics;

/// <summary>The numbers that series have in the store. All are held in memory: each round asks for all of them.</summary>
internal sealed class SeriesIds
{
    private readonly Lock _gate = new();
    private Dictionary<SeriesKey, long>? _known;

    /// <summary>Those that have one, in the order of <paramref name="keys"/>.</summary>
    public IReadOnlyList<(SeriesKey Key, long Id)> Find(SqliteConnection connection, IEnumerable<SeriesKey> keys)
    {
        lock (_gate)
        {
            var known = Load(connection);
            return [.. keys.Distinct().Where(known.ContainsKey).Select(key => (key, known[key]))];
        }
    }

    public IReadOnlyList<SeriesKey> All(SqliteConnection connection)
    {
        lock (_gate)
        {
            return [.. Load(connection).Keys];
        }
    }

    /// <summary>The number of each sample's series, made where it is new. To be told with <see cref="Learn"/> once they are stored.</summary>
    public (long[] Ids, Dictionary<SeriesKey, long> Made) FindOrMake(SqliteConnection connection, IReadOnlyList<Sample> samples)
    {
        var ids = new long[samples.Count];
        var made = new Dictionary<SeriesKey, long>();
        lock (_gate)
        {
            var known = Load(connection);
            using var make = new Statement(
                connection,
                """
                INSERT INTO series (subject_kind, subject_id, metric, part)
                VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT DO UPDATE SET part = part
                RETURNING id
                """);
            for (var number = 0; number < ids.Length; number++)
            {
                var key = samples[number].Key;
                if (known.TryGetValue(key, out ids[number]))
                {
                    continue;
                }

                ref var id = ref CollectionsMarshal.GetValueRefOrAddDefault(made, key, out var isMade);
                id = isMade ? id : Make(make, key);
                ids[number] = id;
            }
        }

        return (ids, made);
    }

    public void Learn(Dictionary<SeriesKey, long> made)
    {
        lock (_gate)
        {
            foreach (var (key, id) in made)
            {
                _known![key] = id;
            }
        }
    }

    public void Forget(Subject subject)
    {
        lock (_gate)
        {
            foreach (var key in _known?.Keys.Where(key => key.Subject == subject).ToList() ?? [])
            {
                _known!.Remove(key);
            }
        }
    }

    private static long Make(Statement make, SeriesKey key)
    {
        make.With((long)key.Subject.Kind).And(2, Text(key.Subject.Id)).And(3, key.Metric).And(4, key.Part ?? "").Next();
        var id = make.Long(0);
        make.Reset();
        return id;
    }

    /// <summary>As EF Core writes it, so that the tables can be joined by hand.</summary>
    public static string Text(Guid id) => id.ToString("D").ToUpperInvariant();

    private Dictionary<SeriesKey, long> Load(SqliteConnection connection)
    {
        if (_known is not null)
        {
            return _known;
        }

        var known = new Dictionary<SeriesKey, long>();
        using var all = new Statement(connection, "SELECT id, subject_kind, subject_id, metric, part FROM series");
        while (all.Next())
        {
            var part = all.Text(4);
            known[new SeriesKey(new Subject((SubjectKind)all.Long(1), Guid.Parse(all.Text(2))), all.Text(3), part.Length == 0 ? null : part)] = all.Long(0);
        }

        return _known = known;
    }
}

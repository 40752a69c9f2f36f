using Dashboard.Core.Metrics;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Metrics;

/// <summary>
/// Writes a batch to the short table, whose key begins with the time: a batch goes to its end, whatever the store holds. A key that begins
/// with the series would touch a page for each of them, thirty times the writing.
/// </summary>
internal static class AppendSamples
{
    public static void Run(SqliteConnection connection, IReadOnlyList<Sample> samples, long[] ids)
    {
        var order = Enumerable.Range(0, ids.Length).ToArray();
        Array.Sort(order, (one, other) => samples[one].At != samples[other].At ? samples[one].At.CompareTo(samples[other].At) : ids[one].CompareTo(ids[other]));

        using var insert = new Statement(
            connection,
            """
            INSERT INTO samples_hot (at, series, value)
            VALUES (?1, ?2, ?3)
            ON CONFLICT DO UPDATE SET value = excluded.value
            """);
        foreach (var number in order)
        {
            insert.With(samples[number].At, ids[number]).And(3, samples[number].Value).Run();
        }
    }
}

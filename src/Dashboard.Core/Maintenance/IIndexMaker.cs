using System.Globalization;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;

namespace Dashboard.Core.Maintenance;

/// <summary>Implemented beside <see cref="IMaintained"/> by an engine in whose databases an index can be made and its effect on a query be measured.</summary>
public interface IIndexMaker
{
    /// <summary>Who waits while an index is made, for the form.</summary>
    string IndexLock { get; }

    /// <summary>The statement that makes it, for a person to read.</summary>
    string Write(IndexDraft draft);

    /// <summary>Refuses a query that is not exactly one SELECT that only reads. The engine itself judges it; it is not run.</summary>
    /// <exception cref="DatabaseException">Saying what is wrong with it.</exception>
    Task CheckQueryAsync(string location, string query, CancellationToken cancellationToken);

    /// <summary>How long the query takes, warm, and how the engine goes about it. Nothing can be changed by it, and a run of it ends after half a minute.</summary>
    /// <exception cref="DatabaseException">As in <see cref="CheckQueryAsync"/>, and when the query fails.</exception>
    Task<QueryMeasure> MeasureQueryAsync(string location, string query, CancellationToken cancellationToken);

    /// <summary>Makes the index. Failed or cancelled it leaves nothing of it.</summary>
    /// <exception cref="DatabaseException">When it can't be made, or its name is taken.</exception>
    Task CreateIndexAsync(string location, IndexDraft draft, RunProgress progress, CancellationToken cancellationToken);

    /// <summary>Removes an index; it is not wrong that it is gone already. Never one that came with a constraint.</summary>
    Task DropIndexAsync(string location, IndexDraft draft, RunProgress progress, CancellationToken cancellationToken);

    /// <summary>After a kill: whether the index stands. What an unfinished creation left of it is removed.</summary>
    Task<bool> TraceIndexAsync(string location, IndexDraft draft, CancellationToken cancellationToken);
}

/// <param name="Table">As lists of tables name it.</param>
/// <param name="Columns">In their order; one at least.</param>
/// <param name="Where">Condition of a partial index, as it is to be written; null for a whole one.</param>
public sealed record IndexDraft(string Name, string Table, IReadOnlyList<string> Columns, bool IsUnique, string? Where);

/// <param name="Median">Null when not even the first run ended in time.</param>
/// <param name="Plan">A line each.</param>
/// <param name="Indexes">Names of those that it uses.</param>
public sealed record QueryMeasure(TimeSpan? Median, int Runs, IReadOnlyList<string> Plan, IReadOnlyList<string> Indexes)
{
    /// <summary>A run of a query that takes longer is stopped.</summary>
    public static readonly TimeSpan MostOfARun = TimeSpan.FromSeconds(30);

    /// <summary>After one that warms up; a slow query is run less often.</summary>
    public const int MostRuns = 5;

    private static readonly TimeSpan MostOfAll = TimeSpan.FromSeconds(10);

    /// <summary>"412 ms", "0.08 ms", "more than 30 s".</summary>
    public string Time => Median switch
    {
        null => $"more than {Words.Duration(MostOfARun)}",
        { TotalMilliseconds: < 0.001 } => "under 0.001 ms",
        { TotalMilliseconds: < 1 } quick => $"{quick.TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture)} ms",
        { TotalMilliseconds: < 10 } quick => $"{quick.TotalMilliseconds.ToString("0.##", CultureInfo.InvariantCulture)} ms",
        { } median => Words.Duration(median),
    };

    /// <summary>Runs it once to warm up, then until it was run often or long enough.</summary>
    /// <param name="run">Runs it once and says how long it took; null when it had to be stopped.</param>
    public static async Task<(TimeSpan? Median, int Runs)> TimeAsync(Func<Task<TimeSpan?>> run)
    {
        if (await run() is not { } first)
        {
            return (null, 0);
        }

        List<TimeSpan> times = [];
        var all = TimeSpan.Zero;
        while (times.Count < MostRuns && (times.Count == 0 || all < MostOfAll))
        {
            if (await run() is not { } took)
            {
                break;
            }

            times.Add(took);
            all += took;
        }

        times.Sort();
        return times.Count == 0 ? (first, 1) : (times[times.Count / 2], times.Count);
    }
}

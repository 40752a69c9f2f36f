using Dashboard.Core.Databases;

namespace Dashboard.Core.Metrics;

/// <summary>
/// Where samples are kept. Each engine that can hold the store implements it with SQL of its own, for samples by the thousand do not go
/// through EF Core. Times are unix seconds.
/// </summary>
/// <remarks>
/// New samples lie in a short table in the order of time; <see cref="MoveClosedHoursAsync"/> takes whole hours from there to a table in the
/// order of series and rolls them up. Each step is a transaction that leaves every sample in exactly one place and every roll-up equal to the
/// samples that it stands for, so a kill anywhere loses nothing and doubles nothing, and doing a step again changes nothing.
/// A series comes into being with its first sample.
/// </remarks>
public interface ISampleStore
{
    /// <summary>Stores all of them or none. A second sample of the same series and moment takes the place of the first.</summary>
    Task AppendAsync(IReadOnlyCollection<Sample> samples, CancellationToken cancellationToken);

    /// <summary>
    /// What is kept of these series from <paramref name="from"/> to <paramref name="to"/>, both included, in the order of time. Hourly and daily
    /// buckets are followed by the single samples that no roll-up holds yet. A series that has nothing there is left out.
    /// </summary>
    Task<IReadOnlyDictionary<SeriesKey, IReadOnlyList<Bucket>>> ReadAsync(IReadOnlyCollection<SeriesKey> keys, Resolution resolution, long from, long to, CancellationToken cancellationToken);

    /// <summary>The newest sample of each series that is not newer than <paramref name="to"/>, however old.</summary>
    Task<IReadOnlyDictionary<SeriesKey, Sample>> ReadLatestAsync(IReadOnlyCollection<SeriesKey> keys, long to, CancellationToken cancellationToken);

    /// <summary>The newest sample of each of these series in each step of time, from roll-ups: one query for a whole fleet's small curves.</summary>
    /// <param name="resolution">Hourly or daily.</param>
    /// <param name="step">Seconds; a multiple of the resolution. Steps begin at its multiples.</param>
    Task<IReadOnlyDictionary<SeriesKey, IReadOnlyList<Sample>>> ReadStepsAsync(IReadOnlyCollection<SeriesKey> keys, Resolution resolution, long from, long to, int step, CancellationToken cancellationToken);

    /// <summary>The newest sample of each series of the hours that ended by <paramref name="at"/>; none from before <paramref name="notBefore"/>.</summary>
    Task<IReadOnlyDictionary<SeriesKey, Sample>> ReadAsOfAsync(IReadOnlyCollection<SeriesKey> keys, long at, long notBefore, CancellationToken cancellationToken);

    /// <summary>When the first sample that is still known of was taken; to the hour or day where only roll-ups are left.</summary>
    Task<IReadOnlyDictionary<SeriesKey, long>> ReadFirstAsync(IReadOnlyCollection<SeriesKey> keys, CancellationToken cancellationToken);

    /// <summary>Every series of a subject.</summary>
    Task<IReadOnlyList<SeriesKey>> FindAsync(Subject subject, CancellationToken cancellationToken);

    /// <summary>Every subject that has series.</summary>
    Task<IReadOnlyList<Subject>> FindSubjectsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Takes the hours that end by <paramref name="before"/> out of the short table and rolls them up. Works in transactions short enough
    /// for others who write to the store; cancelled between two of them, the rest waits for the next call.
    /// A roll-up is never replaced by one of fewer samples: what comes late for an hour whose samples are gone can't spoil it.
    /// </summary>
    Task MoveClosedHoursAsync(long before, CancellationToken cancellationToken);

    /// <summary>Forgets what is older, in transactions as short.</summary>
    Task PruneAsync(SampleHorizons horizons, CancellationToken cancellationToken);

    /// <summary>Forgets all series of a subject.</summary>
    Task DeleteAsync(Subject subject, CancellationToken cancellationToken);
}

/// <summary>What is older than these goes; unix seconds.</summary>
/// <param name="TableHourly">For hours of <see cref="Metric.IsOfTable"/>, of which there are many more series.</param>
public sealed record SampleHorizons(long Raw, long Hourly, long TableHourly, long Daily);

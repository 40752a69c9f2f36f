using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dashboard.Core.Metrics;

/// <summary>
/// Keeps the store of samples in order: closed hours are moved and rolled up, what is older than its time goes. The series of a removed
/// database stay as long as it can be brought back (<see cref="DashboardOptions.TrashDays"/>); those of the sample go with it.
/// </summary>
internal sealed class KeepSamples(ISampleStore samples, IDbContextFactory<DashboardStore> stores, IOptionsMonitor<DashboardOptions> options, TimeProvider time, ILogger logger)
{
    /// <summary>A table's hours: enough for the last month, of which there are charts by the hour. After that it has days.</summary>
    public const int TableHourlyDays = 35;

    private const int Day = (int)Resolution.Daily;

    /// <summary>A round that began in the old hour may still be writing.</summary>
    private const int GraceSeconds = 120;

    private static readonly TimeSpan Jump = TimeSpan.FromHours(1);

    private long _movedUntil;
    private (DateTimeOffset Wall, long Steady)? _pruned;

    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        await ForgetRemovedAsync(cancellationToken);

        // Compared for being different: a clock that was set back closes its hours again.
        var closed = Rollup.Start(time.GetUtcNow().ToUnixTimeSeconds() - GraceSeconds, Resolution.Hourly);
        if (closed == _movedUntil)
        {
            return;
        }

        await samples.MoveClosedHoursAsync(closed, cancellationToken);
        _movedUntil = closed;
        await PruneAsync(cancellationToken);
    }

    private async Task ForgetRemovedAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow().AddDays(-options.CurrentValue.TrashDays);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var gone = await store.Databases.AsNoTracking()
            .Where(database => database.RemovedAt != null && (database.IsSample || database.RemovedAt < before))
            .Select(database => database.Id)
            .ToListAsync(cancellationToken);
        if (gone.Count == 0)
        {
            return;
        }

        foreach (var subject in (await samples.FindSubjectsAsync(cancellationToken)).Intersect(gone.Select(Subject.Database)))
        {
            await samples.DeleteAsync(subject, cancellationToken);
            MetricsLog.Forgotten(logger, subject.ToString());
        }
    }

    /// <summary>A clock that is years ahead for a moment would have all history forgotten: it is believed when it has gone steadily for an hour.</summary>
    private async Task PruneAsync(CancellationToken cancellationToken)
    {
        var (wall, steady) = (time.GetUtcNow(), time.GetTimestamp());
        var jump = _pruned is { } before ? wall - before.Wall - time.GetElapsedTime(before.Steady, steady) : TimeSpan.Zero;
        _pruned = (wall, steady);
        if (jump.Duration() > Jump)
        {
            MetricsLog.ClockJumped(logger, jump);
            return;
        }

        var now = wall.ToUnixTimeSeconds();
        var chosen = options.CurrentValue;
        await samples.PruneAsync(
            new SampleHorizons(Before(chosen.MetricsRawDays), Before(chosen.MetricsHourlyDays), Before(Math.Min(TableHourlyDays, chosen.MetricsHourlyDays)), Before(366 * chosen.MetricsDailyYears)),
            cancellationToken);

        // By whole days, one more than promised: a chart of the last seven days finds all seven.
        long Before(int days) => Rollup.Start(now - (long)days * Day, Resolution.Daily);
    }
}

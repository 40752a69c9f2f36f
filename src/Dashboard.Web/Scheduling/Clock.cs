using Coravel;
using Coravel.Invocable;
using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Metrics;
using Dashboard.Core.Schedules;

namespace Dashboard.Web.Scheduling;

/// <summary>
/// Coravel, and only here: one guarded invocable that ticks every five seconds and turns what is due into runs.
/// One tick only, for invocables of their own would be replayed, serialised and lost; see src/README.md.
/// </summary>
internal static class ClockRegistration
{
    public static IServiceCollection AddClock(this IServiceCollection services) => services.AddScheduler().AddTransient<ClockTick>();

    public static void UseClock(this WebApplication app) => app.Services.UseScheduler(scheduler => scheduler.Schedule<ClockTick>().EveryFiveSeconds().PreventOverlapping(nameof(ClockTick)));
}

/// <summary>Must never throw: an exception in Coravel's own handlers can end the process.</summary>
internal sealed partial class ClockTick(QueueDueSchedules due, DeleteBackup delete, WatchBackupFiles files, KeptContents kept, JoinDatabases join, CollectMetrics metrics, TimeProvider time, ILogger<ClockTick> logger) : IInvocable, ICancellableInvocable
{
    private static readonly TimeSpan PurgeEvery = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan JoinEvery = TimeSpan.FromMinutes(1);
    private static long _purgedAt;
    private static long _joinedAt;

    public CancellationToken CancellationToken { get; set; }

    public async Task Invoke()
    {
        try
        {
            metrics.StartIfDue(Actor.Dashboard);
            files.StartIfIdle(CancellationToken);
            await due.QueueAsync(CancellationToken);
            if (_purgedAt == 0 || time.GetElapsedTime(_purgedAt) > PurgeEvery)
            {
                _purgedAt = time.GetTimestamp();
                await delete.PurgeExpiredAsync(CancellationToken);
                await kept.DropExpiredAsync(CancellationToken);
            }

            if (_joinedAt == 0 || time.GetElapsedTime(_joinedAt) > JoinEvery)
            {
                _joinedAt = time.GetTimestamp();
                await join.JoinAsync(CancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
        }
        catch (Exception fault)
        {
            TickFailed(logger, fault);
        }
    }

    [LoggerMessage(5001, LogLevel.Error, "A tick of the clock failed; the next one comes in five seconds")]
    private static partial void TickFailed(ILogger logger, Exception fault);
}

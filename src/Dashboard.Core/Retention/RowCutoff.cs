namespace Dashboard.Core.Retention;

/// <summary>From which moment on rows stay. Pure.</summary>
/// <param name="At">Whole seconds: rows before it may go.</param>
/// <param name="Offset">What times without a zone are off UTC, so that none seems older than it may be.</param>
/// <param name="CountedFrom">What the age was counted back from.</param>
/// <param name="IsFromNewest">Whether that is the newest row and not the clock.</param>
public sealed record RowCutoff(DateTimeOffset At, TimeSpan Offset, DateTimeOffset CountedFrom, bool IsFromNewest)
{
    /// <summary>Around a change of the clocks a wall time is told by two offsets.</summary>
    private static readonly TimeSpan Around = TimeSpan.FromHours(36);

    private static readonly TimeSpan Step = TimeSpan.FromMinutes(15);

    /// <summary>Rows that are this much older than the clock are nothing unusual: nobody wrote for a moment.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromHours(1);

    /// <summary>
    /// The age is counted back from the clock, or from the server's where that is earlier, or from the newest row where that is earlier still:
    /// a clock that is ahead by years then removes nothing that is inside its age, and a table that nobody writes to any more keeps its last days.
    /// </summary>
    public static RowCutoff Of(DateTimeOffset now, RowClock clock, int days, string zone)
    {
        ArgumentNullException.ThrowIfNull(clock);
        var from = clock.ServerNow is { } server && server < now ? server : now;
        var isFromNewest = clock.Newest is { } newest && newest < from - Quiet;
        from = isFromNewest ? clock.Newest!.Value : from;
        var at = from.ToUniversalTime().AddDays(-days);
        at = new DateTimeOffset(at.Ticks - at.Ticks % TimeSpan.TicksPerSecond, TimeSpan.Zero);
        return new RowCutoff(at, OffsetAround(at, zone), from, isFromNewest);
    }

    /// <summary>The smallest offset of the zone around a moment: whichever was meant, no wall time is later than this makes it.</summary>
    public static TimeSpan OffsetAround(DateTimeOffset at, string zone)
    {
        var rules = TimeZoneInfo.FindSystemTimeZoneById(zone);
        var least = TimeSpan.MaxValue;
        for (var moment = at - Around; moment <= at + Around; moment += Step)
        {
            var offset = rules.GetUtcOffset(moment);
            least = offset < least ? offset : least;
        }

        return least;
    }
}

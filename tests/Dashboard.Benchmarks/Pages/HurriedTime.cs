namespace Dashboard.Benchmarks.Pages;

/// <summary>A clock on which a day passes in minutes; timers come as much earlier.</summary>
internal sealed class HurriedTime(int factor) : TimeProvider
{
    private readonly DateTimeOffset _began = System.GetUtcNow();
    private readonly long _from = System.GetTimestamp();

    public TimeSpan Passed => System.GetElapsedTime(_from) * factor;

    public override DateTimeOffset GetUtcNow() => _began + Passed;

    public override long TimestampFrequency => System.TimestampFrequency / factor;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, Sooner(dueTime), Sooner(period));

    private TimeSpan Sooner(TimeSpan time) => time <= TimeSpan.Zero ? time : TimeSpan.FromMilliseconds(Math.Max(1, time.TotalMilliseconds / factor));
}

namespace Dashboard.Core.Tests.Fakes;

/// <summary>The real clock with timers that go off fifty times as soon, for what polls: a second is 20 ms.</summary>
internal sealed class HurriedTime : TimeProvider
{
    private const int Hurry = 50;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, Sooner(dueTime), Sooner(period));

    private static TimeSpan Sooner(TimeSpan time) => time > TimeSpan.Zero ? time / Hurry : time;
}

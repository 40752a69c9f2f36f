using System.Diagnostics;

namespace Dashboard.Trials;

/// <summary>Waits to the fraction of a millisecond: timers are coarse, and some steps last a few milliseconds.</summary>
internal static class Moment
{
    public static async Task WaitAsync(TimeSpan wait)
    {
        var clock = Stopwatch.StartNew();
        if (wait > TimeSpan.FromMilliseconds(10))
        {
            await Task.Delay(wait - TimeSpan.FromMilliseconds(5));
        }

        while (clock.Elapsed < wait)
        {
            Thread.SpinWait(50);
        }
    }
}

using Xunit;

namespace Dashboard.Sqlite.Tests.Faults;

/// <summary>Waits for something that another process does; the test's own time limit ends it.</summary>
internal static class Waiting
{
    public static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }
}

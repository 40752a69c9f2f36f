namespace Dashboard.Postgres.Tools;

/// <summary>Looks at what a tool is doing, twice a second, until told to stop.</summary>
internal static class WatchTool
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Ends only by <paramref name="stop"/>, or by what <paramref name="look"/> throws that is no fault of the server: what ails that, the tool will say.</summary>
    public static async Task RunAsync(Func<Task> look, TimeProvider time, CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(Pause, time, stop);
            try
            {
                await look();
            }
            catch (Exception fault) when (PostgresErrors.IsOfDatabase(fault) && !stop.IsCancellationRequested)
            {
                // Progress is not worth the work that it tells of.
            }
        }
    }
}

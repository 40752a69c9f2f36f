namespace Dashboard.Workload;

/// <summary>Work until the time is over or the test has had enough.</summary>
internal sealed class Shift : IDisposable
{
    private readonly CancellationTokenSource over;

    public Shift(TimeSpan length)
    {
        over = new CancellationTokenSource(length);
        _ = Task.Run(async () =>
        {
            // The end of the input is no word: a shift that was started in the background has none.
            if (await Console.In.ReadLineAsync() is not null)
            {
                await over.CancelAsync();
            }
        });
    }

    public bool IsOver => over.IsCancellationRequested;

    public async Task RestAsync(TimeSpan time)
    {
        try
        {
            await Task.Delay(time, over.Token);
        }
        catch (OperationCanceledException)
        {
            // The loop looks at IsOver.
        }
    }

    public void Dispose() => over.Dispose();
}

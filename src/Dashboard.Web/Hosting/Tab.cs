using Microsoft.JSInterop;

namespace Dashboard.Web.Hosting;

/// <summary>The browser's tab of this circuit: whoever follows something stops while nobody can see it. A hidden tab costs nothing.</summary>
public sealed class Tab : IDisposable
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _visible = Done();
    private CancellationTokenSource _hidden = new();

    /// <summary>Told by the page; a tab counts as seen until it says otherwise.</summary>
    [JSInvokable]
    public void Seen(bool isVisible)
    {
        CancellationTokenSource? over = null;
        lock (_gate)
        {
            if (isVisible && !_visible.Task.IsCompleted)
            {
                _hidden.Dispose();
                _hidden = new CancellationTokenSource();
                _visible.SetResult();
            }
            else if (!isVisible && _visible.Task.IsCompleted)
            {
                _visible = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                over = _hidden;
            }
        }

        over?.Cancel();
    }

    /// <summary>Follows what <paramref name="source"/> yields while the tab is seen; leaves it while hidden, and begins anew when it is seen again.</summary>
    public async Task FollowAsync<T>(Func<CancellationToken, IAsyncEnumerable<T>> source, Func<T, CancellationToken, Task> take, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(take);
        while (!stop.IsCancellationRequested)
        {
            await _visible.Task.WaitAsync(stop);
            using var seen = LinkToSight(stop);
            try
            {
                await foreach (var item in source(seen.Token))
                {
                    await take(item, seen.Token);
                }

                return;
            }
            catch (OperationCanceledException) when (seen.IsCancellationRequested && !stop.IsCancellationRequested)
            {
            }
        }
    }

    public void Dispose() => _hidden.Dispose();

    private CancellationTokenSource LinkToSight(CancellationToken stop)
    {
        lock (_gate)
        {
            return CancellationTokenSource.CreateLinkedTokenSource(stop, _hidden.Token);
        }
    }

    private static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }
}

using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Dashboard.Web.Hosting;
using Xunit;

namespace Dashboard.Web.Tests.Hosting;

public sealed class TabTests
{
    private readonly Channel<int> _source = Channel.CreateUnbounded<int>();
    private readonly Channel<int> _taken = Channel.CreateUnbounded<int>();
    private int _followers;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hidden_tab_leaves_what_it_followed_and_joins_it_again()
    {
        using var tab = new Tab();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var following = tab.FollowAsync(WatchAsync, async (number, seen) => await _taken.Writer.WriteAsync(number, seen), stop.Token);
        await _source.Writer.WriteAsync(1, Cancel);
        Assert.Equal(1, await _taken.Reader.ReadAsync(Cancel));

        tab.Seen(false);
        await UntilAsync(() => _followers == 0);
        await _source.Writer.WriteAsync(2, Cancel);
        Assert.False(_taken.Reader.TryRead(out _));

        tab.Seen(true);
        Assert.Equal(2, await _taken.Reader.ReadAsync(Cancel));
        Assert.Equal(1, _followers);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
        Assert.Equal(0, _followers);
    }

    [Fact]
    public async Task A_tab_that_is_told_twice_is_told_once()
    {
        using var tab = new Tab();
        tab.Seen(true);
        tab.Seen(false);
        tab.Seen(false);
        tab.Seen(true);
        tab.Seen(true);

        _source.Writer.Complete();
        await tab.FollowAsync(WatchAsync, (_, _) => Task.CompletedTask, Cancel);
    }

    private async IAsyncEnumerable<int> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _followers);
        try
        {
            await foreach (var number in _source.Reader.ReadAllAsync(cancellationToken))
            {
                yield return number;
            }
        }
        finally
        {
            Interlocked.Decrement(ref _followers);
        }
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo())
        {
            await Task.Delay(5, Cancel);
        }
    }
}

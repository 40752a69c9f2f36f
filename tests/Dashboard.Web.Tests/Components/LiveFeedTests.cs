using System.Threading.Channels;
using Bunit;
using Dashboard.Core.Jobs;
using Dashboard.Web.Components;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Dashboard.Web.Tests.Components;

public sealed class LiveFeedTests : Pages
{
    private readonly Channel<long> _changes = Channel.CreateUnbounded<long>();
    private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Stop => Xunit.TestContext.Current.CancellationToken;

    private JobFeed Feed => Services.GetRequiredService<JobFeed>();

    [Fact]
    public async Task What_a_page_has_just_read_is_not_read_again()
    {
        await WatchAsync(since: Feed.Snapshot().Version);

        Assert.Equal(0, _changes.Reader.Count);
    }

    [Fact]
    public async Task What_changed_while_the_page_was_reading_is_read_again()
    {
        var before = Feed.Snapshot().Version;
        Feed.Changed();

        await WatchAsync(since: before);

        Assert.Equal(1, _changes.Reader.Count);
    }

    [Fact]
    public async Task A_page_that_does_not_say_what_it_has_read_reads_at_once()
    {
        await WatchAsync(since: null);

        Assert.Equal(1, _changes.Reader.Count);
    }

    [Fact]
    public async Task Every_later_change_is_heard()
    {
        await WatchAsync(since: Feed.Snapshot().Version);

        Feed.Changed();

        Assert.Equal(Feed.Snapshot().Version, await _changes.Reader.ReadAsync(Stop));
    }

    /// <summary>Returns when the first snapshot was told, with what it brought.</summary>
    private async Task WatchAsync(long? since)
    {
        var feed = Render<LiveFeed>(parameters => parameters
            .Add(live => live.Since, since)
            .Add(live => live.OnChanged, () => _changes.Writer.TryWrite(Feed.Snapshot().Version))
            .Add(live => live.OnSnapshot, _ => _told.TrySetResult()));
        await _told.Task.WaitAsync(Stop);

        // Both are told in one turn of the page.
        await feed.InvokeAsync(() => { });
    }
}

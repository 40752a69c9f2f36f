using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Xunit;

namespace Dashboard.Postgres.Tests.Restores;

/// <summary>A server that does not answer after a fault is asked again for half a minute, by the clock that the product was given.</summary>
public sealed class InsistTests : ILogins
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task It_is_given_up_after_half_a_minute_and_not_before()
    {
        var clock = new FakeTimeProvider();
        await using var engine = new PostgresEngine(this, clock);
        var began = clock.GetTimestamp();

        var asked = engine.FindCopyAsync(new PostgresLocation("localhost", 1, "shop", "nobody", SslMode.Disable, null).ToString(), "restored-20261125-021500-ab12", TestContext.Current.CancellationToken);
        while (!asked.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMilliseconds(300));
            await Task.WhenAny(asked, Task.Delay(TimeSpan.FromMilliseconds(1), TestContext.Current.CancellationToken));
        }

        await Assert.ThrowsAsync<DatabaseException>(() => asked);
        Assert.True(clock.GetElapsedTime(began) >= Patience);
    }

    public Task<string?> FindPasswordAsync(string engine, string server, string user, CancellationToken cancellationToken) => Task.FromResult<string?>(null);
}

using Dashboard.Core.Metrics;
using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Dashboard.Sqlite.Tests.Metrics;

/// <summary>A move that breaks off at any of its steps, in the middle of any of its parts.</summary>
public sealed class KilledMoveTests : IAsyncDisposable
{
    private const long Start = 1_790_035_200;
    private const int Hours = 3;

    private readonly SqliteStoreHarness _harness = new();
    private readonly SeriesKey[] _keys = [.. Enumerable.Range(0, 20).Select(part => SeriesKey.Of(Guid.CreateVersion7(), Metric.TableRows, $"t{part}"))];

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("INSERT", "samples")]
    [InlineData("INSERT", "samples_hourly")]
    [InlineData("INSERT", "samples_daily")]
    [InlineData("DELETE", "samples_hot")]
    public async Task Every_sample_is_there_once_whatever_step_it_broke_off_at(string step, string table)
    {
        var store = await _harness.OpenAsync();
        await store.AppendAsync([.. _keys.SelectMany(key => Enumerable.Range(0, Hours * 60).Select(minute => new Sample(key, Start + minute * 60, minute)))], Now);
        for (var series = 1; series <= _keys.Length; series += 6)
        {
            Execute($"CREATE TRIGGER fault BEFORE {step} ON {table} WHEN {(step == "INSERT" ? "NEW" : "OLD")}.series = {series} BEGIN SELECT RAISE(ABORT, 'broken off'); END");

            await Assert.ThrowsAsync<SqliteException>(() => store.MoveClosedHoursAsync(Start + Hours * 3600, Now));

            await AllAreThereOnceAsync(await _harness.OpenAsync());
            Execute("DROP TRIGGER fault");
        }

        await store.MoveClosedHoursAsync(Start + Hours * 3600, Now);

        await AllAreThereOnceAsync(store);
        foreach (var (_, buckets) in await store.ReadAsync(_keys, Resolution.Hourly, 0, long.MaxValue, Now))
        {
            Assert.Equal([60L, 60L, 60L], buckets.Select(hour => hour.Count));
        }
    }

    [Fact]
    public async Task The_tables_of_a_killed_process_are_whole_to_the_next_one()
    {
        var store = await _harness.OpenAsync();
        await store.AppendAsync([.. _keys.SelectMany(key => Enumerable.Range(0, Hours * 60).Select(minute => new Sample(key, Start + minute * 60, minute)))], Now);
        Execute("CREATE TRIGGER fault BEFORE DELETE ON samples_hot WHEN OLD.series = 11 BEGIN SELECT RAISE(ABORT, 'broken off'); END");
        await Assert.ThrowsAsync<SqliteException>(() => store.MoveClosedHoursAsync(Start + Hours * 3600, Now));

        // What a kill leaves is what the files hold: the parts that were committed, and nothing of the one that was not.
        Assert.InRange(Count("samples"), 1, _keys.Length * Hours * 60 - 1);
        Assert.Equal(_keys.Length * Hours * 60, Count("samples") + Count("samples_hot"));
        Assert.Equal(Count("samples"), Sum("samples_hourly"));
        Assert.Equal(Count("samples"), Sum("samples_daily"));
    }

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    private async Task AllAreThereOnceAsync(ISampleStore store)
    {
        foreach (var resolution in Enum.GetValues<Resolution>())
        {
            var read = await store.ReadAsync(_keys, resolution, 0, long.MaxValue, Now);
            Assert.Equal(_keys.Length, read.Count);
            Assert.All(read.Values, buckets => Assert.Equal((Hours * 60, Hours * 60 * (Hours * 60 - 1) / 2.0), (buckets.Sum(bucket => bucket.Count), buckets.Sum(bucket => bucket.Sum))));
        }
    }

    private long Count(string table) => Read($"SELECT COUNT(*) FROM {table}");

    private long Sum(string table) => Read($"SELECT SUM(count) FROM {table}");

    private long Read(string sql)
    {
        using var connection = SqliteConnections.Open(_harness.File, SqliteOpenMode.ReadWrite);
        return connection.ReadLong(sql);
    }

    private void Execute(string sql)
    {
        using var connection = SqliteConnections.Open(_harness.File, SqliteOpenMode.ReadWrite);
        connection.Execute(sql);
    }
}

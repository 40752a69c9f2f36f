using Dashboard.Core.Metrics;
using FsCheck;
using FsCheck.Xunit;

namespace Dashboard.Core.Tests.Metrics;

public sealed class RollupTests
{
    [Fact]
    public void An_hour_holds_its_lowest_highest_sum_and_last()
    {
        var hour = Assert.Single(Rollup.Into(Resolution.Hourly, [Bucket.Of(7205, 4), Bucket.Of(7260, 9), Bucket.Of(7320, 2)]));

        Assert.Equal(new Bucket(7200, 3600, 7320, 3, 2, 9, 15, 2), hour);
        Assert.Equal(5, hour.Average);
    }

    [Fact]
    public void The_last_second_of_an_hour_is_its_own() =>
        Assert.Equal([3600L, 7200L], Rollup.Into(Resolution.Hourly, [Bucket.Of(3600, 1), Bucket.Of(7199, 1), Bucket.Of(7200, 1)]).Select(hour => hour.At));

    [Fact]
    public void The_nights_that_change_the_clock_have_as_many_hours_as_any_other()
    {
        // 25 October 2026 in Europe: an hour comes twice there, and none in UTC.
        var from = new DateTimeOffset(2026, 10, 24, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
        var minutes = Enumerable.Range(0, 3 * 1440).Select(minute => Bucket.Of(from + minute * 60, 1)).ToList();

        Assert.Equal(Enumerable.Repeat(60L, 72), Rollup.Into(Resolution.Hourly, minutes).Select(hour => hour.Count));
        Assert.Equal([1440L, 1440L, 1440L], Rollup.Into(Resolution.Daily, minutes).Select(day => day.Count));
    }

    [Property]
    public bool Nothing_is_lost_on_the_way_up(int seed, PositiveInt count)
    {
        var samples = Samples.Random(seed, count.Get * 10);
        List<Bucket> hours = [.. Rollup.Into(Resolution.Hourly, samples)], days = [.. Rollup.Into(Resolution.Daily, hours)];

        return new[] { hours, days }.All(level =>
            level.Sum(bucket => bucket.Count) == samples.Count
            && level.Sum(bucket => bucket.Sum) == samples.Sum(sample => sample.Sum)
            && level.Min(bucket => bucket.Min) == samples.Min(sample => sample.Min)
            && level.Max(bucket => bucket.Max) == samples.Max(sample => sample.Max)
            && level[^1].Last == samples[^1].Last
            && level[^1].LastAt == samples[^1].At);
    }

    [Property]
    public bool Days_of_hours_are_days_of_samples(int seed, PositiveInt count)
    {
        var samples = Samples.Random(seed, count.Get * 10);

        return Rollup.Into(Resolution.Daily, Rollup.Into(Resolution.Hourly, samples)).SequenceEqual(Rollup.Into(Resolution.Daily, samples));
    }

    [Property]
    public bool Each_span_is_there_once_in_order_and_only_where_something_was_measured(int seed, PositiveInt count)
    {
        var samples = Samples.Random(seed, count.Get * 10);
        List<Bucket> hours = [.. Rollup.Into(Resolution.Hourly, samples)];

        return hours.Select(hour => hour.At).SequenceEqual(samples.Select(sample => sample.At / 3600 * 3600).Distinct())
            && hours.TrueForAll(hour => hour.At <= hour.LastAt && hour.LastAt < hour.At + 3600);
    }
}

using Dashboard.Core.Metrics;
using FsCheck;
using FsCheck.Xunit;

namespace Dashboard.Core.Tests.Metrics;

public sealed class DownsampleTests
{
    private const int Minute = 60;

    [Fact]
    public void Few_samples_are_all_drawn()
    {
        var points = Downsample.ToPoints([Bucket.Of(0, 1), Bucket.Of(60, 5), Bucket.Of(120, 3)], Minute, 10);

        Assert.Equal([(0L, 1.0), (60L, 5.0), (120L, 3.0)], points.Select(point => (point.At.ToUnixTimeSeconds(), point.Value!.Value)));
    }

    [Fact]
    public void Nothing_has_no_points() => Assert.Empty(Downsample.ToPoints([], Minute, 10));

    [Fact]
    public void Three_missing_samples_are_drawn_through_and_four_are_a_gap()
    {
        Assert.DoesNotContain(Downsample.ToPoints([Bucket.Of(0, 1), Bucket.Of(240, 2)], Minute, 10), point => point.Value is null);

        var points = Downsample.ToPoints([Bucket.Of(0, 1), Bucket.Of(300, 2)], Minute, 10);
        Assert.Equal([(0L, 1.0), (60L, null), (300L, (double?)2.0)], points.Select(point => (point.At.ToUnixTimeSeconds(), point.Value)));
    }

    [Fact]
    public void Roll_ups_show_both_ends_of_their_range_and_their_newest_sample()
    {
        var points = Downsample.ToPoints([new Bucket(0, 3600, 3540, 60, 1, 9, 300, 2), new Bucket(3600, 3600, 7140, 60, 3, 8, 300, 5)], Minute, 10);

        Assert.Equal([9.0, 1.0, 8.0, 3.0, 5.0], points.Select(point => point.Value!.Value));
        Assert.Equal(7140, points[^1].At.ToUnixTimeSeconds());
    }

    [Fact]
    public void A_missing_hour_among_roll_ups_is_no_gap_and_four_are()
    {
        Bucket[] hours = [.. new[] { 0, 1, 3, 8 }.Select(hour => new Bucket(hour * 3600, 3600, hour * 3600 + 3540, 60, 1, 1, 60, 1))];

        var gap = Assert.Single(Downsample.ToPoints(hours, Minute, 20), point => point.Value is null);

        Assert.Equal(4 * 3600, gap.At.ToUnixTimeSeconds());
    }

    [Fact]
    public void One_peak_among_a_week_of_minutes_is_seen()
    {
        var week = Enumerable.Range(0, 10_080).Select(minute => Bucket.Of(minute * Minute, minute == 4711 ? 99 : 1)).ToList();

        var points = Downsample.ToPoints(week, Minute, 600);

        Assert.Contains(points, point => point.Value == 99 && point.At.ToUnixTimeSeconds() == 4711 * Minute);
    }

    [Fact]
    public void A_year_that_is_half_gaps_fits_too()
    {
        var broken = Enumerable.Range(0, 20_000).Select(number => Bucket.Of(number * 600, number % 7)).ToList();

        var points = Downsample.ToPoints(broken, Minute, 600);

        Assert.InRange(points.Count, 300, 600);
    }

    [Property]
    public bool Never_more_points_than_asked_for(int seed, PositiveInt count, PositiveInt room, PositiveInt oneGapIn) =>
        Downsample.ToPoints(Samples.Random(seed, count.Get * 50, oneGapIn.Get), Minute, 10 + room.Get * 3) is var points && points.Count <= 10 + room.Get * 3;

    [Property]
    public bool No_peak_is_lost_in_any_slice_of_time(int seed, PositiveInt count, PositiveInt room)
    {
        var samples = Samples.Random(seed, count.Get * 50, 1_000_000);
        var maxPoints = 10 + room.Get * 3;
        var values = Downsample.ToPoints(samples, Minute, maxPoints).ToDictionary(point => point.At.ToUnixTimeSeconds(), point => point.Value);

        // Whatever the slices are: nowhere is a sample more than a slice away from a drawn one that is as high, and one that is as low.
        var slice = (samples[^1].At - samples[0].At + 1) / ((maxPoints - 2) / 2) + Minute;
        return samples.Where(sample => sample.Max > 1000 || sample.Max < 0).All(peak =>
            values.Any(point => Math.Abs(point.Key - peak.At) <= slice && point.Value >= peak.Max) && values.Any(point => Math.Abs(point.Key - peak.At) <= slice && point.Value <= peak.Max));
    }

    [Property]
    public bool The_highest_lowest_first_and_last_stay_whatever_the_gaps(int seed, PositiveInt count, PositiveInt room, PositiveInt oneGapIn)
    {
        var samples = Samples.Random(seed, count.Get * 50, oneGapIn.Get);
        var points = Downsample.ToPoints(samples, Minute, 10 + room.Get * 3);
        var drawn = points.Where(point => point.Value is not null).ToList();

        return drawn.Max(point => point.Value) == samples.Max(sample => sample.Max)
            && drawn.Min(point => point.Value) == samples.Min(sample => sample.Min)
            && points[0] == Point(samples[0])
            && points[^1] == Point(samples[^1]);
    }

    [Property]
    public bool Of_roll_ups_too(int seed, PositiveInt count, PositiveInt room)
    {
        var samples = Samples.Random(seed, count.Get * 200);
        List<Bucket> hours = [.. Rollup.Into(Resolution.Hourly, samples)];
        var points = Downsample.ToPoints(hours, Minute, 10 + room.Get * 3);
        var drawn = points.Where(point => point.Value is not null).ToList();

        return points.Count <= 10 + room.Get * 3
            && drawn.Max(point => point.Value) == samples.Max(sample => sample.Max)
            && drawn.Min(point => point.Value) == samples.Min(sample => sample.Min)
            && points[^1] == Point(samples[^1])
            && points.Zip(points.Skip(1)).All(pair => pair.First.At <= pair.Second.At);
    }

    [Property]
    public bool Where_all_fits_every_gap_is_there_and_nowhere_else(int seed, PositiveInt count)
    {
        var samples = Samples.Random(seed, count.Get * 20, 10);
        var points = Downsample.ToPoints(samples, Minute, samples.Count * 2 + 10);
        var gaps = samples.Zip(samples.Skip(1)).Where(pair => pair.Second.At - pair.First.At > 4 * Minute).Select(pair => pair.First.At + Minute);

        return points.Where(point => point.Value is null).Select(point => point.At.ToUnixTimeSeconds()).SequenceEqual(gaps);
    }

    [Property]
    public bool A_gap_that_can_be_seen_is_kept_with_the_samples_at_its_ends(int seed, PositiveInt count)
    {
        var before = Samples.Random(seed, count.Get * 50, 1_000_000);
        var missing = (before[^1].At - before[0].At) / 2 + 10 * Minute;
        var after = before.Select(sample => Bucket.Of(before[^1].At + missing + sample.At - before[0].At, sample.Last)).ToList();
        List<SeriesPoint> points = [.. Downsample.ToPoints([.. before, .. after], Minute, 30)];

        var gap = points.FindIndex(point => point.Value is null);
        return points.Count(point => point.Value is null) == 1 && points[gap - 1] == Point(before[^1]) && points[gap + 1] == Point(after[0]);
    }

    [Property]
    public bool Every_drawn_number_was_measured_at_that_moment(int seed, PositiveInt count, PositiveInt room)
    {
        var samples = Samples.Random(seed, count.Get * 50);
        var measured = samples.Select(Point).ToHashSet();

        return Downsample.ToPoints(samples, Minute, 10 + room.Get * 3).Where(point => point.Value is not null).All(measured.Contains);
    }

    private static SeriesPoint Point(Bucket bucket) => new(DateTimeOffset.FromUnixTimeSeconds(bucket.LastAt), bucket.Last);
}

using Dashboard.Core.Metrics;
using Dashboard.Web.Components.Charts;
using FsCheck.Xunit;
using Xunit;

namespace Dashboard.Web.Tests.Charts;

public sealed class AlignSeriesTests
{
    private static DateTimeOffset At(int minute) => DateTimeOffset.UnixEpoch.AddMinutes(minute);

    private static List<SeriesPoint> Line(params (int Minute, double? Value)[] points) => [.. points.Select(point => new SeriesPoint(At(point.Minute), point.Value))];

    [Fact]
    public void What_one_left_out_lies_between_its_neighbours()
    {
        var aligned = AlignSeries.Run([Line((0, 10), (10, 20)), Line((0, 1), (5, 9), (10, 1))]);

        Assert.Equal(Line((0, 10), (5, 15), (10, 20)), aligned[0]);
        Assert.Equal(Line((0, 1), (5, 9), (10, 1)), aligned[1]);
    }

    [Fact]
    public void Nothing_is_made_up_in_a_gap_nor_outside()
    {
        var aligned = AlignSeries.Run([Line((2, 10), (4, null), (8, 20)), Line((0, 1), (3, 1), (6, 1), (9, 1))]);

        Assert.Equal(Line((0, null), (2, 10), (3, null), (4, null), (6, null), (8, 20), (9, null)), aligned[0]);
    }

    [Fact]
    public void A_series_without_points_stays_without() => Assert.Empty(AlignSeries.Run([[], Line((1, 1))])[0]);

    [Property(MaxTest = 300)]
    public bool No_point_of_any_series_is_lost_and_all_have_the_same_moments((byte At, short Value)[][] drawn)
    {
        ArgumentNullException.ThrowIfNull(drawn);
        var series = drawn.Where(line => line is { Length: > 0 })
            .Select(line => Line([.. line.DistinctBy(point => point.At).OrderBy(point => point.At).Select(point => ((int)point.At, point.Value % 7 == 0 ? (double?)null : point.Value))]))
            .ToList();

        var aligned = AlignSeries.Run([.. series]);

        var moments = aligned.Select(line => line.Select(point => point.At).ToList()).ToList();
        return moments.All(line => line.SequenceEqual(moments[0]))
            && series.Zip(aligned).All(pair => pair.First.All(point => pair.Second.Contains(point)))
            && series.Zip(aligned).All(pair => pair.Second.Max(point => point.Value) == pair.First.Max(point => point.Value));
    }
}

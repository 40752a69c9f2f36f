using Dashboard.Core.Metrics;
using FsCheck.Xunit;

namespace Dashboard.Core.Tests.Metrics;

public sealed class ReadTotalTests
{
    private const int Step = 3600;

    private static Sample At(int step, double value) => new(SeriesKey.Of(Guid.Empty, Metric.Size), step * Step, value);

    [Fact]
    public void Adds_what_was_read_in_the_same_step() =>
        Assert.Equal([11, 22], Values([[At(1, 1), At(2, 2)], [At(1, 10), At(2, 20)]]));

    [Fact]
    public void One_that_was_not_read_counts_with_what_was_last_known() =>
        Assert.Equal([11, 12, 23], Values([[At(1, 1), At(2, 2), At(3, 3)], [At(1, 10), At(3, 20)]]));

    [Fact]
    public void One_that_came_later_counts_from_then_on() => Assert.Equal([1, 12], Values([[At(1, 1), At(2, 2)], [At(2, 10)]]));

    [Fact]
    public void Breaks_where_nothing_at_all_was_read() => Assert.Equal([1, null, 5], Values([[At(1, 1), At(5, 5)]]));

    [Fact]
    public void What_was_known_before_counts_and_gives_no_point_of_its_own() =>
        Assert.Equal([12], ReadTotal.Sum([[At(1, 10)], [At(3, 2)]], 2 * Step, Step).Select(point => point.Value));

    [Property(MaxTest = 200)]
    public bool The_last_point_is_the_sum_of_the_newest_samples(byte[][] drawn)
    {
        ArgumentNullException.ThrowIfNull(drawn);
        IReadOnlyList<IReadOnlyList<Sample>> lines = [.. drawn.Where(line => line is { Length: > 0 }).Select(line => line.Distinct().Order().Select(step => At(step, step * 3 + 1)).ToList())];

        var points = ReadTotal.Sum(lines, 0, Step);

        return lines.Count == 0 ? points.Count == 0 : points[^1].Value == lines.Sum(line => line[^1].Value) && points.Select(point => point.At).SequenceEqual(points.Select(point => point.At).Order());
    }

    private static IEnumerable<double?> Values(IReadOnlyList<IReadOnlyList<Sample>> lines) => ReadTotal.Sum(lines, 0, Step).Select(point => point.Value);
}

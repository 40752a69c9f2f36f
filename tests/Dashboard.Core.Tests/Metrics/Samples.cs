using Dashboard.Core.Metrics;

namespace Dashboard.Core.Tests.Metrics;

/// <summary>Samples for properties: a sample each minute with whole numbers, some peaks, and gaps where the seed wants them.</summary>
internal static class Samples
{
    public const long Start = 1_790_000_000;

    public static List<Bucket> Random(int seed, int count, int oneGapIn = 50)
    {
        var random = new Random(seed);
        var (at, samples) = (Start, new List<Bucket>(count));
        for (var number = 0; number < count; number++)
        {
            var value = random.Next(100) == 0 ? random.NextInt64(-1L << 45, 1L << 45) : random.Next(1000);
            samples.Add(Bucket.Of(at, value));
            at += random.Next(oneGapIn) == 0 ? random.Next(60, 100_000) : 60;
        }

        return samples;
    }
}

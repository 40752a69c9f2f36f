namespace Dashboard.Core.Metrics;

/// <summary>What samples of one span of time amount to. A single sample is a bucket without a span.</summary>
/// <param name="At">Its first second, unix; of a roll-up a multiple of <paramref name="Seconds"/>.</param>
/// <param name="Seconds">3600, 86400; 0 for a sample.</param>
/// <param name="LastAt">When the newest of them was taken.</param>
/// <param name="Last">The newest of them.</param>
public readonly record struct Bucket(long At, int Seconds, long LastAt, long Count, double Min, double Max, double Sum, double Last)
{
    public double Average => Sum / Count;

    public static Bucket Of(long at, double value) => new(at, 0, at, 1, value, value, value, value);
}

/// <summary>How finely numbers are kept, and the seconds of each.</summary>
public enum Resolution
{
    Raw = 0,
    Hourly = 3600,
    Daily = 86400,
}

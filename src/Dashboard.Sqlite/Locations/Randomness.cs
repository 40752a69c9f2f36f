namespace Dashboard.Sqlite.Locations;

/// <summary>Tells an encrypted database from a text or a picture: whole pages in which every byte is as likely as another.</summary>
internal static class Randomness
{
    private const int SmallestPage = 512;

    // 4096 random bytes use all 256 values but a few; text and most formats use far fewer.
    private const int LikelyDistinct = 250;

    public static bool IsLikelyEncrypted(ReadOnlySpan<byte> start, long length)
    {
        if (length == 0 || length % SmallestPage != 0)
        {
            return false;
        }

        var seen = new HashSet<byte>();
        var read = (int)Math.Min(start.Length, length);
        foreach (var value in start[..read])
        {
            seen.Add(value);
        }

        return seen.Count >= LikelyDistinct * Math.Min(read, 4096) / 4096;
    }
}

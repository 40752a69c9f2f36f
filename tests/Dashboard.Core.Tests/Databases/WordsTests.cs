using System.Globalization;
using Dashboard.Core.Databases;
using FsCheck.Xunit;

namespace Dashboard.Core.Tests.Databases;

public sealed class WordsTests
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(512, "512 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.00 KiB")]
    [InlineData(10_230, "9.99 KiB")]
    [InlineData(10_240, "10.0 KiB")]
    [InlineData(126_877_696, "121 MiB")]
    [InlineData(1_048_575, "1.00 MiB")]
    [InlineData(1_073_741_823, "1.00 GiB")]
    [InlineData(19_756_849_561, "18.4 GiB")]
    [InlineData(-2048, "−2.00 KiB")]
    [InlineData(long.MaxValue, "8192 PiB")]
    [InlineData(long.MinValue, "−8192 PiB")]
    public void Bytes_are_written_in_binary_units_with_three_digits(long bytes, string words) => Assert.Equal(words, Words.Bytes(bytes));

    [Property(MaxTest = 2000)]
    public bool Bytes_never_show_a_thousand_and_twenty_four_of_a_unit_that_has_a_larger_one(long bytes)
    {
        var (number, unit) = Parse(Words.Bytes(Spread(bytes)));

        return unit == Units.Length - 1 || number < 1024;
    }

    [Property(MaxTest = 2000)]
    public bool More_bytes_never_read_as_fewer(long one, long other)
    {
        var (less, more) = (Math.Min(Spread(one), Spread(other)), Math.Max(Spread(one), Spread(other)));

        return Value(Words.Bytes(less)) <= Value(Words.Bytes(more));
    }

    [Theory]
    [InlineData(0, "0 ms")]
    [InlineData(80, "80 ms")]
    [InlineData(949, "949 ms")]
    [InlineData(1000, "1.0 s")]
    [InlineData(6_200, "6.2 s")]
    [InlineData(59_940, "59.9 s")]
    [InlineData(59_970, "1 min")]
    [InlineData(60_000, "1 min")]
    [InlineData(190_000, "3 min 10 s")]
    [InlineData(3_599_999, "59 min 59 s")]
    [InlineData(3_600_000, "1 h")]
    [InlineData(111_600_000, "31 h")]
    [InlineData(259_200_000, "3 days")]
    [InlineData(-5, "0 ms")]
    public void Durations_are_those_that_a_person_would_say(int milliseconds, string words) => Assert.Equal(words, Words.Duration(TimeSpan.FromMilliseconds(milliseconds)));

    [Property(MaxTest = 2000)]
    public bool A_longer_time_never_reads_as_a_shorter_one(uint one, uint other)
    {
        var (less, more) = (Math.Min(one, other) % 400_000_000, Math.Max(one, other) % 400_000_000);
        (less, more) = (Math.Min(less, more), Math.Max(less, more));

        return Milliseconds(Words.Duration(TimeSpan.FromMilliseconds(less))) <= Milliseconds(Words.Duration(TimeSpan.FromMilliseconds(more)));
    }

    [Fact]
    public void Every_duration_up_to_two_minutes_grows_with_the_time()
    {
        var words = Enumerable.Range(0, 120_000).Select(milliseconds => Milliseconds(Words.Duration(TimeSpan.FromMilliseconds(milliseconds)))).ToList();

        Assert.Equal(words.Order(), words);
    }

    [Theory]
    [InlineData("", 3)]
    [InlineData("a", 3, "a")]
    [InlineData("a and b", 3, "a", "b")]
    [InlineData("a, b and c", 3, "a", "b", "c")]
    [InlineData("a, b, c and 2 more", 3, "a", "b", "c", "d", "e")]
    [InlineData("a and 1 more", 1, "a", "b")]
    public void Lists_name_the_first_and_count_the_rest(string words, int most, params string[] items) => Assert.Equal(words, Words.List(items, most));

    [Theory]
    [InlineData(0, "0 indexes")]
    [InlineData(1, "1 index")]
    [InlineData(1_204_882, "1,204,882 indexes")]
    public void Counts_have_their_noun_in_the_right_number(long count, string words) => Assert.Equal(words, Words.Count(count, "index", "indexes"));

    [Fact]
    public void Numbers_read_the_same_in_every_culture()
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo("de-DE");
        try
        {
            Assert.Equal("1.50 KiB", Words.Bytes(1536));
            Assert.Equal("1,000", Words.Count(1000));
            Assert.Equal("6.2 s", Words.Duration(TimeSpan.FromSeconds(6.2)));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    /// <summary>Sizes of every magnitude, not only those near nothing that a generator likes.</summary>
    private static long Spread(long seed) => (seed & long.MaxValue) * 0x5851F42D4C957F2D >>> (int)((ulong)seed % 62) & long.MaxValue;

    private static (double Number, int Unit) Parse(string words)
    {
        var parts = words.Split(' ');
        return (double.Parse(parts[0], CultureInfo.InvariantCulture), Array.IndexOf(Units, parts[1]));
    }

    private static double Value(string words)
    {
        var (number, unit) = Parse(words);
        return number * Math.Pow(1024, unit);
    }

    private static double Milliseconds(string words) => words.Split(' ').Chunk(2).Sum(part => double.Parse(part[0], CultureInfo.InvariantCulture) * part[1] switch
    {
        "ms" => 1,
        "s" => 1000,
        "min" => 60_000,
        "h" => 3_600_000,
        _ => 86_400_000,
    });

    [Theory]
    [InlineData(0, 0)]
    [InlineData(999, 999)]
    [InlineData(1204, 1200)]
    [InlineData(1205, 1210)]
    [InlineData(999_999, 1_000_000)]
    [InlineData(1_234_567_890, 1_230_000_000)]
    public void An_estimate_has_three_digits(long count, long rounded) => Assert.Equal(rounded, Words.Rounded(count));

    [Theory]
    [InlineData(0, "0 %")]
    [InlineData(0.004, "under 1 %")]
    [InlineData(0.014, "1.4 %")]
    [InlineData(0.5, "50 %")]
    [InlineData(1, "100 %")]
    public void A_share_is_said_in_percent(double share, string words) => Assert.Equal(words, Words.Share(share));
}

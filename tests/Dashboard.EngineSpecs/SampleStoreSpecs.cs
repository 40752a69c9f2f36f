using Dashboard.Core.Databases;
using Dashboard.Core.Metrics;
using Xunit;

namespace Dashboard.EngineSpecs;

/// <summary>What must hold for samples on whatever engine the store is.</summary>
public abstract class SampleStoreSpecs(StoreHarness harness) : IAsyncDisposable
{
    private const int Minute = 60;
    private const int Hour = 3600;
    private const int Day = 86400;

    /// <summary>The beginning of a day.</summary>
    private const long Start = 1_790_035_200;

    private static readonly SeriesKey Shop = SeriesKey.Of(Guid.Parse("5cd0a5a4-0000-7000-8000-000000000001"), Metric.Size);
    private static readonly SeriesKey Other = SeriesKey.Of(Guid.Parse("5cd0a5a4-0000-7000-8000-000000000002"), Metric.Size);

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_appended_is_read_in_order_before_and_after_it_was_moved()
    {
        var store = await harness.OpenAsync();
        await AppendAsync(store, Shop, (Start + 120, 3), (Start, 1), (Start + 60, 2));
        await AppendAsync(store, Other, (Start, 9));

        foreach (var _ in new[] { "new", "moved", "moved again" })
        {
            Assert.Equal([(Start, 1.0), (Start + 60, 2.0), (Start + 120, 3.0)], await SamplesAsync(store, Shop));
            Assert.Equal([(Start, 9.0)], await SamplesAsync(store, Other));
            await store.MoveClosedHoursAsync(Start + Hour, Now);
        }

        Assert.Equal([(Start + 60, 2.0)], await SamplesAsync(store, Shop, Start + 1, Start + 119));
    }

    [Fact]
    public async Task An_hour_that_is_not_over_stays_and_is_read_with_the_roll_ups()
    {
        var store = await harness.OpenAsync();
        await AppendAsync(store, Shop, (Start, 1), (Start + 60, 5), (Start + Hour, 7), (Start + Hour + 60, 8));

        await store.MoveClosedHoursAsync(Start + Hour, Now);

        Assert.Equal([new Bucket(Start, Hour, Start + 60, 2, 1, 5, 6, 5), Bucket.Of(Start + Hour, 7), Bucket.Of(Start + Hour + 60, 8)], await ReadAsync(store, Shop, Resolution.Hourly));
        Assert.Equal([new Bucket(Start, Day, Start + 60, 2, 1, 5, 6, 5), Bucket.Of(Start + Hour, 7), Bucket.Of(Start + Hour + 60, 8)], await ReadAsync(store, Shop, Resolution.Daily));
        Assert.Equal(4, (await SamplesAsync(store, Shop)).Count);
    }

    [Fact]
    public async Task A_second_sample_of_the_same_moment_takes_the_place_of_the_first_wherever_that_is()
    {
        var store = await harness.OpenAsync();
        await AppendAsync(store, Shop, (Start, 1), (Start + 60, 2));
        await AppendAsync(store, Shop, (Start, 3));
        Assert.Equal([(Start, 3.0), (Start + 60, 2.0)], await SamplesAsync(store, Shop));

        await store.MoveClosedHoursAsync(Start + Hour, Now);
        await AppendAsync(store, Shop, (Start, 4));
        Assert.Equal([(Start, 4.0), (Start + 60, 2.0)], await SamplesAsync(store, Shop));

        await store.MoveClosedHoursAsync(Start + Hour, Now);
        Assert.Equal([new Bucket(Start, Hour, Start + 60, 2, 2, 4, 6, 2)], await ReadAsync(store, Shop, Resolution.Hourly));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_comes_in_whatever_order_each_level_equals_the_samples(int seed)
    {
        var random = new Random(seed);
        SeriesKey[] keys = [.. Enumerable.Range(0, 7).Select(part => Shop with { Metric = Metric.TableRows, Part = $"t{part}" })];
        var all = new Dictionary<(SeriesKey Key, long At), double>();
        var store = await harness.OpenAsync();
        for (var round = 0; round < 40; round++)
        {
            // Backwards, forwards, late, and into hours that were moved long ago.
            var batch = Enumerable.Range(0, random.Next(1, 60)).Select(_ => new Sample(keys[random.Next(keys.Length)], Start + random.Next(3 * Day), random.Next(1000))).DistinctBy(sample => (sample.Key, sample.At)).ToList();
            await store.AppendAsync(batch, Now);
            batch.ForEach(sample => all[(sample.Key, sample.At)] = sample.Value);
            if (random.Next(3) == 0)
            {
                await store.MoveClosedHoursAsync(Rollup.Start(Start + random.Next(3 * Day), Resolution.Hourly), Now);
            }

            if (random.Next(10) == 0)
            {
                store = await harness.OpenAsync();
            }
        }

        foreach (var key in keys)
        {
            Assert.Equal(Wanted(key), await SamplesAsync(store, key));
        }

        await store.MoveClosedHoursAsync(Start + 4 * Day, Now);
        foreach (var key in keys)
        {
            var samples = Wanted(key).Select(sample => Bucket.Of(sample.At, sample.Value)).ToList();
            Assert.Equal(Wanted(key), await SamplesAsync(store, key));
            Assert.Equal(Rollup.Into(Resolution.Hourly, samples), await ReadAsync(store, key, Resolution.Hourly));
            Assert.Equal(Rollup.Into(Resolution.Daily, samples), await ReadAsync(store, key, Resolution.Daily));
        }

        List<(long At, double Value)> Wanted(SeriesKey key) => [.. all.Where(sample => sample.Key.Key == key).Select(sample => (sample.Key.At, sample.Value)).OrderBy(sample => sample.At)];
    }

    [Fact]
    public async Task Stopped_between_two_parts_nothing_is_lost_or_doubled_and_the_next_call_goes_on()
    {
        var store = await harness.OpenAsync();
        SeriesKey[] keys = [.. Enumerable.Range(0, 200).Select(part => Shop with { Part = $"t{part}" })];
        await store.AppendAsync([.. keys.SelectMany(key => Enumerable.Range(0, 3 * 60).Select(minute => new Sample(key, Start + minute * Minute, minute)))], Now);

        for (var wait = 1; wait < 200; wait *= 2)
        {
            using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(wait));
            await Record.ExceptionAsync(() => store.MoveClosedHoursAsync(Start + Day, stop.Token));
            foreach (var (_, buckets) in await store.ReadAsync(keys, Resolution.Hourly, 0, long.MaxValue, Now))
            {
                Assert.Equal(180, buckets.Sum(bucket => bucket.Count));
            }
        }

        await store.MoveClosedHoursAsync(Start + Day, Now);
        foreach (var key in keys)
        {
            Assert.Equal([60L, 60L, 60L], (await ReadAsync(store, key, Resolution.Hourly)).Select(hour => hour.Count));
        }
    }

    [Fact]
    public async Task What_comes_late_for_an_hour_whose_samples_are_gone_does_not_spoil_it()
    {
        var store = await harness.OpenAsync();
        await AppendAsync(store, Shop, (Start, 1), (Start + 60, 5));
        await store.MoveClosedHoursAsync(Start + Hour, Now);
        await store.PruneAsync(new SampleHorizons(Start + Day, 0, 0, 0), Now);
        Assert.Empty(await SamplesAsync(store, Shop));

        await AppendAsync(store, Shop, (Start + 120, 100));
        await store.MoveClosedHoursAsync(Start + Hour, Now);

        Assert.Equal([new Bucket(Start, Hour, Start + 60, 2, 1, 5, 6, 5)], await ReadAsync(store, Shop, Resolution.Hourly));
        Assert.Equal([new Bucket(Start, Day, Start + 60, 2, 1, 5, 6, 5)], await ReadAsync(store, Shop, Resolution.Daily));
    }

    [Fact]
    public async Task The_newest_sample_is_found_however_old_it_is()
    {
        var store = await harness.OpenAsync();
        SeriesKey[] keys = [.. new[] { "new", "moved", "hours", "days" }.Select(part => Shop with { Part = part })];
        await AppendAsync(store, keys[3], (Start + 5, 4));
        await store.MoveClosedHoursAsync(Start + Day, Now);
        await store.PruneAsync(new SampleHorizons(Start + Day, Start + Day, Start + Day, 0), Now);
        await AppendAsync(store, keys[2], (Start + Day + 5, 3));
        await store.MoveClosedHoursAsync(Start + 2 * Day, Now);
        await store.PruneAsync(new SampleHorizons(Start + 2 * Day, 0, 0, 0), Now);
        await AppendAsync(store, keys[1], (Start + 2 * Day + 5, 2));
        await store.MoveClosedHoursAsync(Start + 3 * Day, Now);
        await AppendAsync(store, keys[0], (Start + 3 * Day + 5, 1), (Start + 3 * Day + 65, 99));

        var latest = await store.ReadLatestAsync([.. keys, Other], Start + 3 * Day + 64, Now);

        Assert.Equal(4, latest.Count);
        Assert.Equal([(Start + 3 * Day + 5, 1.0), (Start + 2 * Day + 5, 2.0), (Start + Day + 5, 3.0), (Start + 5, 4.0)], keys.Select(key => (latest[key].At, latest[key].Value)));
        Assert.Equal([Start + 3 * Day + 5, Start + 2 * Day + 5, Start + Day, Start], await FirstAsync(store, keys));
    }

    [Fact]
    public async Task The_number_of_a_moment_ago_is_that_of_the_last_hour_that_was_over()
    {
        var store = await harness.OpenAsync();
        await AppendAsync(store, Shop, (Start, 1), (Start + Hour - 1, 2), (Start + Hour, 3));
        await store.MoveClosedHoursAsync(Start + Day, Now);

        Assert.Equal(2, (await store.ReadAsOfAsync([Shop, Other], Start + Hour + 1800, Start, Now))[Shop].Value);
        Assert.Equal(Start + Hour, (await store.ReadAsOfAsync([Shop], Start + 2 * Hour, Start, Now))[Shop].At);
        Assert.Empty(await store.ReadAsOfAsync([Shop], Start + Day, Start + 2 * Hour, Now));
        Assert.Empty(await store.ReadAsOfAsync([Shop], Start + Hour - 1, 0, Now));
    }

    [Fact]
    public async Task Steps_hold_the_newest_sample_of_each()
    {
        var store = await harness.OpenAsync();
        await store.AppendAsync([.. Enumerable.Range(0, 3 * 24).SelectMany(hour => new[] { new Sample(Shop, Start + hour * Hour, -1), new Sample(Shop, Start + hour * Hour + 60, hour) })], Now);
        await store.MoveClosedHoursAsync(Start + 3 * Day, Now);

        var hourly = await store.ReadStepsAsync([Shop, Other], Resolution.Hourly, Start, Start + Day - 1, 6 * Hour, Now);
        var daily = await store.ReadStepsAsync([Shop], Resolution.Daily, Start, Start + 3 * Day, Day, Now);

        Assert.Equal([5.0, 11.0, 17.0, 23.0], Assert.Single(hourly).Value.Select(sample => sample.Value));
        Assert.Equal(Start + 5 * Hour + 60, hourly[Shop][0].At);
        Assert.Equal([23.0, 47.0, 71.0], daily[Shop].Select(sample => sample.Value));
    }

    [Fact]
    public async Task Each_level_forgets_at_its_own_time_and_tables_sooner()
    {
        var store = await harness.OpenAsync();
        var table = Shop with { Metric = Metric.TableRows, Part = "orders" };
        await store.AppendAsync([.. Enumerable.Range(0, 10).SelectMany(day => new[] { new Sample(Shop, Start + day * Day, day), new Sample(table, Start + day * Day, day) })], Now);
        await store.MoveClosedHoursAsync(Start + 10 * Day, Now);

        await store.PruneAsync(new SampleHorizons(Start + 8 * Day, Start + 4 * Day, Start + 6 * Day, Start + 2 * Day), Now);

        Assert.Equal([8.0, 9.0], (await SamplesAsync(store, Shop)).Select(sample => sample.Value));
        Assert.Equal(6, (await ReadAsync(store, Shop, Resolution.Hourly)).Count);
        Assert.Equal(4, (await ReadAsync(store, table, Resolution.Hourly)).Count);
        Assert.Equal(8, (await ReadAsync(store, table, Resolution.Daily)).Count);
    }

    [Fact]
    public async Task Deleting_a_subject_leaves_the_others_and_its_name_free()
    {
        var store = await harness.OpenAsync();
        await AppendAsync(store, Shop, (Start, 1), (Start + Day, 2));
        await AppendAsync(store, Other, (Start, 3), (Start + Day, 4));
        await store.MoveClosedHoursAsync(Start + Hour, Now);

        await store.DeleteAsync(Shop.Subject, Now);

        Assert.Equal([Other.Subject], await store.FindSubjectsAsync(Now));
        Assert.Empty(await SamplesAsync(store, Shop));
        Assert.Equal(2, (await SamplesAsync(store, Other)).Count);
        await AppendAsync(store, Shop, (Start + 60, 5));
        Assert.Equal([(Start + 60, 5.0)], await SamplesAsync(store, Shop));
        Assert.Equal([(Start + 60, 5.0)], await SamplesAsync(await harness.OpenAsync(), Shop));
    }

    [Fact]
    public async Task Series_are_told_apart_by_every_part_of_their_key_and_take_any_name()
    {
        var store = await harness.OpenAsync();
        SeriesKey[] keys =
        [
            Shop,
            Shop with { Metric = Metric.Wal },
            Shop with { Subject = Subject.Installation },
            .. new[] { "orders", "Orders", "it's", "\"quoted\"", "🦊", "a\nb", " ", new string('x', 500), "%s; DROP TABLE series" }.Select(part => Shop with { Part = part }),
        ];
        await store.AppendAsync([.. keys.Select((key, number) => new Sample(key, Start, number))], Now);

        var read = await (await harness.OpenAsync()).ReadLatestAsync(keys, Start, Now);

        Assert.Equal(Enumerable.Range(0, keys.Length).Select(number => (double)number), keys.Select(key => read[key].Value));
        Assert.Equal(keys.Where(key => key.Subject == Shop.Subject).ToHashSet(), (await store.FindAsync(Shop.Subject, Now)).ToHashSet());
    }

    [Fact]
    public async Task Large_and_broken_numbers_come_back_as_they_were()
    {
        var store = await harness.OpenAsync();
        double[] values = [0, -1, 0.1, long.MaxValue / 1024, 1L << 53, -(1L << 53), 1e300];
        await AppendAsync(store, Shop, [.. values.Select((value, number) => (Start + number * 60, value))]);
        await store.MoveClosedHoursAsync(Start + Day, Now);

        Assert.Equal(values, (await SamplesAsync(store, Shop)).Select(sample => sample.Value));
    }

    [Fact]
    public async Task Many_may_write_and_read_at_once()
    {
        var store = await harness.OpenAsync();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async writer =>
        {
            for (var minute = 0; minute < 120; minute += 10)
            {
                await store.AppendAsync([.. Enumerable.Range(0, 10).Select(offset => new Sample(Shop with { Part = $"{writer % 4}" }, Start + (minute + offset) * Minute + writer / 4, minute))], Now);
                await store.MoveClosedHoursAsync(Start + Hour, Now);
                await store.ReadAsync([Shop with { Part = $"{writer % 4}" }], Resolution.Hourly, 0, long.MaxValue, Now);
            }
        }));

        for (var part = 0; part < 4; part++)
        {
            Assert.Equal(240, (await ReadAsync(store, Shop with { Part = $"{part}" }, Resolution.Hourly)).Sum(bucket => bucket.Count));
        }
    }

    [Fact]
    public async Task Nothing_is_asked_of_an_empty_store_in_vain()
    {
        var store = await harness.OpenAsync();

        await store.AppendAsync([], Now);
        await store.MoveClosedHoursAsync(Start, Now);
        await store.PruneAsync(new SampleHorizons(Start, Start, Start, Start), Now);
        await store.DeleteAsync(Shop.Subject, Now);

        Assert.Empty(await store.ReadAsync([Shop], Resolution.Raw, 0, long.MaxValue, Now));
        Assert.Empty(await store.ReadLatestAsync([Shop], long.MaxValue, Now));
        Assert.Empty(await store.ReadFirstAsync([Shop], Now));
        Assert.Empty(await store.FindSubjectsAsync(Now));
    }

    public async ValueTask DisposeAsync()
    {
        await harness.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private static Task AppendAsync(ISampleStore store, SeriesKey key, params (long At, double Value)[] samples) =>
        store.AppendAsync([.. samples.Select(sample => new Sample(key, sample.At, sample.Value))], Now);

    private static async Task<IReadOnlyList<Bucket>> ReadAsync(ISampleStore store, SeriesKey key, Resolution resolution, long from = 0, long to = long.MaxValue) =>
        (await store.ReadAsync([key], resolution, from, to, Now)).GetValueOrDefault(key, []);

    private static async Task<List<(long At, double Value)>> SamplesAsync(ISampleStore store, SeriesKey key, long from = 0, long to = long.MaxValue) =>
        [.. (await ReadAsync(store, key, Resolution.Raw, from, to)).Select(bucket => (bucket.At, bucket.Last))];

    private static async Task<IEnumerable<long>> FirstAsync(ISampleStore store, IReadOnlyCollection<SeriesKey> keys)
    {
        var first = await store.ReadFirstAsync(keys, Now);
        return keys.Select(key => first[key]);
    }
}

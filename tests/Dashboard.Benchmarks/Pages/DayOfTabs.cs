using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Metrics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace Dashboard.Benchmarks.Pages;

/// <summary>
/// Twenty tabs of the real app stay open for a day that passes in minutes, while a sample is taken each of its minutes and a file changes under them.
/// What the server and the tabs hold at the end is compared with what they held after eight hours; then the tabs are closed, and nothing may be left.
/// </summary>
internal sealed class DayOfTabs(string scratch, Figures figures)
{
    private const int Tabs = 20;

    /// <summary>A day and its warm-up in eleven minutes: a round of samples each third of a second, which is as fast as twenty tabs can be drawn here.</summary>
    private const int Factor = 180;

    /// <summary>A tab grows for some hours, in which the browser compiles what is drawn again and again, and stands still from then on.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromHours(8);
    private static readonly TimeSpan Day = TimeSpan.FromHours(32);

    public async Task MeasureAsync()
    {
        var time = new HurriedTime(Factor);
        await using var app = new App(Path.Combine(scratch, "day"), time);
        app.UseKestrel(0);
        app.StartServer();
        var address = app.ClientOptions.BaseAddress.ToString().Replace("127.0.0.1", "localhost", StringComparison.Ordinal).TrimEnd('/');
        var (shop, file) = await AddAsync(app.Services);

        await using var browser = await Browser.StartAsync();
        var context = await browser.PlainNewcomerAsync();
        await (await WayIn.ReadAsync(Path.Combine(scratch, "day"))).LetInAsync(context, address);
        var tabs = new List<IPage>();
        for (var number = 0; number < Tabs; number++)
        {
            tabs.Add(await Browser.OpenAsync(context, address + Place(number)));
        }

        using var stop = new CancellationTokenSource();
        var life = LiveAsync(app.Services, file, stop.Token);
        await UntilAsync(time, WarmUp);
        var (serverBefore, tabsBefore) = (LiveBytes(), await TabBytesAsync(tabs));
        foreach (var hours in (int[])[14, 20, 26])
        {
            await UntilAsync(time, TimeSpan.FromHours(hours));
            Figures.Inform($"after {hours} h a tab holds {Mib(await TabBytesAsync(tabs))} MiB");
        }

        await UntilAsync(time, Day);
        var (serverAfter, tabsAfter) = (LiveBytes(), await TabBytesAsync(tabs));
        var rounds = app.Services.GetRequiredService<MetricsFeed>().Last.Version;
        await stop.CancelAsync();
        await life;

        figures.Add("day of 20 tabs: server's heap after 24 h more / after 8 h", (double)serverAfter / serverBefore, 1.1, $"{Mib(serverBefore)} -> {Mib(serverAfter)} MiB, {rounds} rounds of samples");
        figures.Add("day of 20 tabs: a tab's heap after 24 h more / after 8 h", (double)tabsAfter / tabsBefore, 1.1, $"{Mib(tabsBefore)} -> {Mib(tabsAfter)} MiB, median");

        await Browser.CloseAsync(context);
        figures.Add("day of 20 tabs: what still follows something after they are closed", await LeftAsync(app.Services), 0, $"of {shop.Name}");
    }

    private static string Place(int number) => (number % 4) switch
    {
        // An hour is full of samples when the warm-up is over; a longer chart would hold more as the day goes on, and rightly.
        0 => "/?range=1h",
        1 => "/databases/shop?range=1h",
        2 => "/databases/shop/tables",
        _ => "/databases/sample-archive?range=90d",
    };

    private static async Task<(Database Shop, string File)> AddAsync(IServiceProvider services)
    {
        var file = Path.Combine(services.GetRequiredService<Core.Configuration.DataFolder>().Path, "shop.db");
        Execute(file, "PRAGMA journal_mode = WAL; CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT); CREATE INDEX orders_by_item ON orders (item);");
        return (await services.GetRequiredService<AddDatabase>().AddAsync(Actor.LocalAdministrator, "sqlite", file, "shop", CancellationToken.None), file);
    }

    /// <summary>The clock of the schedules ticks in real seconds, so the rounds are asked for here, as it would.</summary>
    private static async Task LiveAsync(IServiceProvider services, string file, CancellationToken stop)
    {
        var metrics = services.GetRequiredService<CollectMetrics>();
        while (!stop.IsCancellationRequested)
        {
            if (metrics.StartIfDue(Actor.Dashboard))
            {
                Execute(file, "INSERT INTO orders (item) VALUES (hex(randomblob(200)))");
                await metrics.Round;
            }

            await Task.Delay(20, CancellationToken.None);
        }
    }

    private static async Task UntilAsync(HurriedTime time, TimeSpan passed)
    {
        while (time.Passed < passed)
        {
            await Task.Delay(200);
        }
    }

    private static long LiveBytes()
    {
        for (var turn = 0; turn < 3; turn++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static async Task<long> TabBytesAsync(IReadOnlyList<IPage> tabs)
    {
        var bytes = new List<double>();
        foreach (var tab in tabs)
        {
            var session = await tab.Context.NewCDPSessionAsync(tab);
            await session.SendAsync("HeapProfiler.collectGarbage");
            bytes.Add((await session.SendAsync("Runtime.getHeapUsage"))!.Value.GetProperty("usedSize").GetDouble());
            await session.DetachAsync();
        }

        return (long)bytes.Order().ElementAt(bytes.Count / 2);
    }

    /// <summary>A tab that says goodbye is let go of at once, and one whose goodbye was lost after three minutes.</summary>
    private static async Task<int> LeftAsync(IServiceProvider services)
    {
        var left = -1;
        for (var attempt = 0; attempt < 480 && left != 0; attempt++)
        {
            await Task.Delay(500);
            left = services.GetRequiredService<LiveStates>().PollerCount
                + services.GetRequiredService<LiveTables>().PollerCount
                + services.GetRequiredService<LiveIndexes>().PollerCount
                + services.GetRequiredService<MetricsFeed>().WatcherCount
                + Math.Max(0, services.GetRequiredService<JobFeed>().WatcherCount - services.GetRequiredService<Microsoft.Extensions.Options.IOptions<Core.Configuration.DashboardOptions>>().Value.Workers);
        }

        return left;
    }

    private static string Mib(long bytes) => (bytes / 1048576.0).ToString("0.0", System.Globalization.CultureInfo.InvariantCulture);

    private static void Execute(string file, string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private sealed class App(string dataFolder, TimeProvider time) : WebApplicationFactory<Web.App>
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseSetting("Dashboard:DataFolder", dataFolder);
            builder.UseSetting("Logging:LogLevel:Default", "Error");
            builder.ConfigureServices(services => services.AddSingleton(time));
        }
    }
}

using Dashboard.Core;
using Dashboard.Core.Configuration;
using Dashboard.Core.Metrics;
using Dashboard.Core.Store;
using Dashboard.Sqlite;
using Dashboard.Sqlite.Store;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Dashboard.Benchmarks;

/// <summary>The sampling part of the product over a data folder of its own, with a clock that is moved by hand.</summary>
internal sealed class SampleHouse : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private SampleHouse(ServiceProvider services) => _services = services;

    public MovedClock Time => Get<MovedClock>();

    public ISampleStore Store => Get<ISampleStore>();

    public string File => Get<DataFolder>().StoreFile;

    /// <summary>With its write-ahead log moved into the file.</summary>
    public double MiB
    {
        get
        {
            using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
            command.ExecuteNonQuery();
            return new FileInfo(File).Length / 1048576.0;
        }
    }

    public static async Task<SampleHouse> OpenAsync(string folder)
    {
        var services = new ServiceCollection();
        var clock = new MovedClock();
        services.AddLogging();
        services.AddSingleton(DataFolder.Open(folder));
        services.AddSingleton(clock);
        services.AddSingleton<TimeProvider>(clock);
        services.Configure<DashboardOptions>(_ => { });
        services.AddSqlite().AddSqliteStore().AddSampling();
        services.AddSingleton<Core.Databases.EngineCatalog>();
        var house = new SampleHouse(services.BuildServiceProvider());
        await SqliteStore.PrepareAsync(house.Get<IDbContextFactory<DashboardStore>>(), house.Get<DataFolder>(), clock, CancellationToken.None);
        return house;
    }

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        SqliteConnection.ClearAllPools();
    }
}

/// <summary>The wall's clock stands where it was put; everything else is the real one.</summary>
internal sealed class MovedClock : TimeProvider
{
    public long Now { get; set; } = 1_800_000_000;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(Now);
}

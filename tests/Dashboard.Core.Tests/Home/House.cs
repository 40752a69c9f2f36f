using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Dashboard.Core.Tests.Fakes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Dashboard.Core.Tests.Home;

/// <summary>A process of the dashboard over a data folder: the real registrations, with an engine over plain files.</summary>
internal sealed class House : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private List<IHostedService> _hosted = [];

    public House(StoreFixture home, TimeProvider? time = null, Action<DashboardOptions>? options = null, Func<IServiceProvider, IDatabaseEngine>? engine = null, params IEnumerable<IJob> jobs)
    {
        Home = home;
        Engine.Time = time ?? home.Time;
        Stores = new FaultyStores(home.Store.Use);
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(home.Data);
        services.AddSingleton(time ?? home.Time);
        services.AddSingleton<IDbContextFactory<DashboardStore>>(Stores);
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddSingleton(engine ?? (_ => Engine));
        services.AddSingleton<ISecretBox, OpenBox>();
        services.AddSingleton<ISampleDatabase>(new FakeSample());
        services.Configure<DashboardOptions>(chosen =>
        {
            chosen.Workers = 1;
            options?.Invoke(chosen);
        });
        services.AddSingleton<IStoreHome>(new FakeStoreHome(home.Store.File));
        services.AddSingleton(_ => home.Store.OpenSamples());
        services.AddDatabases().AddFleet().AddJobs().AddBackups().AddMaintenance().AddRetention().AddHealth().AddSchedules().AddSampling();
        foreach (var job in jobs)
        {
            services.AddSingleton(job);
        }

        _services = services.BuildServiceProvider(validateScopes: true);
    }

    public StoreFixture Home { get; }

    public FakeEngine Engine { get; } = new();

    public FaultyStores Stores { get; }

    public JobFeed Feed => Get<JobFeed>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    public IEnumerable<T> All<T>() => _services.GetServices<T>();

    /// <summary>Starts the pool: reconciles, sweeps, and works.</summary>
    public async Task<House> StartAsync()
    {
        _hosted = [.. _services.GetServices<IHostedService>()];
        foreach (var hosted in _hosted)
        {
            await hosted.StartAsync(Cancel);
        }

        return this;
    }

    public async Task StopAsync()
    {
        foreach (var hosted in _hosted)
        {
            await hosted.StopAsync(CancellationToken.None).WaitAsync(Patience.Long);
        }

        _hosted = [];
    }

    /// <summary>Nothing of this process runs any more: what hangs in a <see cref="KilledProcess"/> never goes on.</summary>
    public void Kill() => _hosted = [];

    /// <summary>A database of lines, registered.</summary>
    public async Task<Database> RegisterAsync(string name, params string[] lines)
    {
        var location = Path.Combine(Home.Folder, name + ".lines");
        await File.WriteAllLinesAsync(location, lines, Cancel);
        return await Get<AddDatabase>().AddAsync(Actor.LocalAdministrator, FakeEngine.Key, location, name, Cancel);
    }

    public Task<Run> AskAsync(string job, Database database, Actor? actor = null) => Get<AskForRun>().AskAsync(actor ?? Actor.LocalAdministrator, job, database.Subject, null, Cancel);

    /// <summary>Waits until the run is closed, and reads it.</summary>
    public async Task<Run> EndOfAsync(Run run)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(Patience.Long);
        await foreach (var _ in Feed.WatchAsync(TimeSpan.FromMilliseconds(1), patience.Token))
        {
            if (Feed.Find(run.Id) is null && Read(run) is { IsOpen: false } closed)
            {
                return closed;
            }
        }

        throw new TimeoutException();
    }

    public Run Read(Run run) => Home.Look(store => store.Runs.AsNoTracking().Single(row => row.Id == run.Id));

    /// <summary>Asks for a backup and waits for it; the pool must be started.</summary>
    public async Task<Backup> BackUpAsync(Database database)
    {
        var run = await EndOfAsync(await AskAsync("backup", database));
        Assert.Equal(RunState.Succeeded, run.State);
        return Home.Look(store => store.Backups.AsNoTracking().Single(backup => backup.RunId == run.Id));
    }

    public async Task<Run> RestoreAsync(Backup backup, string? typedName = null) =>
        await EndOfAsync(await Get<AskForRestore>().InPlaceAsync(Actor.LocalAdministrator, backup.Id, typedName, Cancel));

    /// <summary>Puts in order once more what every start puts in order, so that a test need not wait for the start; then the inventory.</summary>
    public async Task<List<Backup>> BackupsOnceSweptAsync()
    {
        foreach (var step in _services.GetServices<IBeforeWork>())
        {
            await step.PrepareAsync(Cancel);
        }

        return Home.Look(store => store.Backups.AsNoTracking().OrderBy(backup => backup.TakenAt).ToList());
    }

    public string FolderOf(Database database) => Get<BackupFolders>().For(database);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _services.DisposeAsync();
    }
}

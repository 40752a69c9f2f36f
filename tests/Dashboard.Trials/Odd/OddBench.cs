using Dashboard.Core;
using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Dashboard.Postgres;
using Dashboard.Sqlite;
using Dashboard.Sqlite.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Dashboard.Trials.Odd;

/// <summary>The product's core with its own store, its engines and its pool of workers; only the pages are not there.</summary>
internal sealed class OddBench : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(10);

    private readonly ServiceProvider _services;

    private OddBench(ServiceProvider services) => _services = services;

    public static Actor Me => Actor.LocalAdministrator;

    public static async Task<OddBench> StartAsync(string dataFolder)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(_ => DataFolder.Open(dataFolder));
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddOptions<DashboardOptions>().Configure(options => options.Sample = false);
        services.AddSingleton<ISecretBox, OpenBox>();
        services.AddSqlite().AddPostgres().AddSqliteStore();
        services.AddDatabases().AddFleet().AddJobs().AddBackups().AddMaintenance().AddRetention().AddHealth().AddSchedules().AddSampling();
        var built = services.BuildServiceProvider();
        await SqliteStore.PrepareAsync(built.GetRequiredService<IDbContextFactory<DashboardStore>>(), built.GetRequiredService<DataFolder>(), TimeProvider.System, CancellationToken.None);
        foreach (var service in built.GetServices<IHostedService>())
        {
            await service.StartAsync(CancellationToken.None);
        }

        return new OddBench(built);
    }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>What a run said at its end; what was refused before it began counts as one that failed.</summary>
    public async Task<Said> RunAsync(Func<Task<Run>> ask)
    {
        try
        {
            var run = await ask();
            using var patience = new CancellationTokenSource(Patience);
            while (true)
            {
                var found = (await Get<ReadRuns>().FindAsync(Me, run.Id, patience.Token))!;
                if (!found.Run.IsOpen)
                {
                    return new Said(run.Id, found.Run.State, string.Join(" ", new[] { found.Run.Summary, found.Run.Problem, found.Run.NextStep }.OfType<string>().Distinct()), IsRefusal: false);
                }

                await Task.Delay(Glance, patience.Token);
            }
        }
        catch (Exception fault) when (fault is DatabaseException or NameNeededException or RunConflictException)
        {
            return new Said(null, RunState.Failed, $"{fault.Message} {(fault as DatabaseException)?.NextStep}".Trim(), IsRefusal: true);
        }
    }

    public async Task<Backup?> BackupOfAsync(Guid run)
    {
        await using var store = await Get<IDbContextFactory<DashboardStore>>().CreateDbContextAsync();
        return await store.Backups.AsNoTracking().FirstOrDefaultAsync(backup => backup.RunId == run && backup.Kind == BackupKind.Backup);
    }

    public async Task<Restore?> RestoreOfAsync(Guid run)
    {
        await using var store = await Get<IDbContextFactory<DashboardStore>>().CreateDbContextAsync();
        return await store.Restores.AsNoTracking().FirstOrDefaultAsync(restore => restore.RunId == run);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _services.GetServices<IHostedService>())
        {
            await service.StopAsync(CancellationToken.None);
        }

        await _services.DisposeAsync();
    }

    /// <summary>The passwords of a server that lives as long as the trial.</summary>
    private sealed class OpenBox : ISecretBox
    {
        public string Protect(string secret) => secret;

        public string Unprotect(string secret) => secret;
    }
}

/// <param name="IsRefusal">Whether it was refused before anything began.</param>
internal sealed record Said(Guid? Run, RunState State, string Words, bool IsRefusal)
{
    public bool IsGreen => State == RunState.Succeeded;

    public bool IsDone => State is RunState.Succeeded or RunState.SucceededWithWarnings;

    public string Colour => State switch { RunState.Succeeded => "green", RunState.SucceededWithWarnings => "amber", _ => IsRefusal ? "refused" : "red" };
}

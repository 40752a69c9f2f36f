using Bunit;
using Dashboard.Core;
using Dashboard.Core.Access;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Store;
using Dashboard.Sqlite;
using Dashboard.Sqlite.Store;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MudBlazor.Services;
using Xunit;

namespace Dashboard.Web.Tests;

/// <summary>A page over the real store and the real engine in a folder of its own; only the browser is not there.</summary>
public abstract class Pages : BunitContext, IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dashboard-pages-");
    private readonly List<IHostedService> _running = [];

    protected Pages()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices();
        Services.AddLogging();
        Services.AddSingleton(TimeProvider.System);
        Services.AddSingleton(_ => DataFolder.Open(_folder.FullName));
        Services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        Services.AddOptions<DashboardOptions>();
        Services.AddSingleton<ISecretBox>(new SecretBox(new EphemeralDataProtectionProvider()));
        Services.AddSqlite().AddSqliteStore();
        Services.AddDatabases().AddFleet().AddJobs().AddBackups().AddMaintenance().AddRetention().AddHealth().AddSchedules().AddSampling();
        Services.AddViewer();
    }

    protected string Folder => _folder.FullName;

    protected static Actor Me => Actor.LocalAdministrator;

    public async ValueTask InitializeAsync() => await SqliteStore.PrepareAsync(
        Services.GetRequiredService<IDbContextFactory<DashboardStore>>(),
        Services.GetRequiredService<DataFolder>(),
        TimeProvider.System,
        CancellationToken.None);

    /// <summary>Starts the pool, for tests in which runs have to come to an end.</summary>
    protected async Task StartRunsAsync()
    {
        foreach (var service in Services.GetServices<IHostedService>())
        {
            await service.StartAsync(CancellationToken.None);
            _running.Add(service);
        }
    }

    /// <summary>A registered database of a few rows.</summary>
    protected async Task<Database> AddDatabaseAsync(
        string name = "shop",
        string sql = "CREATE TABLE orders(id INTEGER PRIMARY KEY, item TEXT); INSERT INTO orders(item) VALUES ('tea'), ('bread'), ('salt');")
    {
        var file = Path.Combine(Folder, $"{Guid.NewGuid():N}.db");
        using (var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString()))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }

        return await Services.GetRequiredService<AddDatabase>().AddAsync(Me, "sqlite", file, name, CancellationToken.None);
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        foreach (var service in _running)
        {
            await service.StopAsync(CancellationToken.None);
        }

        await base.DisposeAsync();
        await DeleteAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A page that is gone may still be reading: its last query puts a log beside the store while the folder is being removed.</summary>
    private async Task DeleteAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            SqliteConnection.ClearAllPools();
            try
            {
                _folder.Delete(recursive: true);
                return;
            }
            catch (IOException) when (attempt < 50)
            {
                await Task.Delay(20);
            }
        }
    }
}

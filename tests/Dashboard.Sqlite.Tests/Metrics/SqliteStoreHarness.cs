using Dashboard.Core.Configuration;
using Dashboard.Core.Metrics;
using Dashboard.Core.Store;
using Dashboard.EngineSpecs;
using Dashboard.Sqlite.Metrics;
using Dashboard.Sqlite.Store;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Sqlite.Tests.Metrics;

/// <summary>A real store, made by its migrations alone.</summary>
public sealed class SqliteStoreHarness : StoreHarness, IDbContextFactory<DashboardStore>
{
    /// <summary>A part of a few series of an hour, so that every test has many of them.</summary>
    private const int RowsOfAPart = 200;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dashboard-samples-");
    private readonly List<SqliteSampleStore> _opened = [];

    public string File => Path.Combine(_folder.FullName, "dashboard.db");

    public override async Task<ISampleStore> OpenAsync()
    {
        if (!System.IO.File.Exists(File))
        {
            using var data = DataFolder.Open(_folder.FullName);
            await SqliteStore.PrepareAsync(this, data, TimeProvider.System, CancellationToken.None);
        }

        _opened.Add(new SqliteSampleStore(File, RowsOfAPart));
        return _opened[^1];
    }

    public DashboardStore CreateDbContext()
    {
        var options = new DbContextOptionsBuilder<DashboardStore>();
        SqliteStore.Use(options, File);
        return new DashboardStore(options.Options);
    }

    public override ValueTask DisposeAsync()
    {
        _opened.ForEach(store => store.Dispose());
        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}

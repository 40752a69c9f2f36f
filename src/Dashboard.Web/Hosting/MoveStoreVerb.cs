using System.Globalization;
using Dashboard.Core.Configuration;
using Dashboard.Core.Store;
using Dashboard.Postgres.Store;
using Dashboard.Sqlite.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Dashboard.Web.Hosting;

/// <summary><c>move-store --to "Host=…;Database=…"</c>: the store of a data folder goes to PostgreSQL. Nothing is served meanwhile.</summary>
internal static class MoveStoreVerb
{
    private const string Name = "move-store";

    public static bool IsMeant(string[] args) => args.Contains(Name, StringComparer.Ordinal);

    public static Task<int> RunAsync(string[] args) => StartUp.RunAsync(() => MoveAsync(args), "The store was not moved.");

    private static async Task MoveAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.AddDashboardSettings(args);
        await using var app = builder.Build();
        var data = app.Services.GetRequiredService<DataFolder>();
        var to = app.Configuration["to"];
        if (string.IsNullOrWhiteSpace(to))
        {
            throw new StoreException($"Say where to: {Name} --to \"Host=db;Database=dashboard;Username=dashboard\". The password may also come from PGPASSWORD or from the file that PGPASSFILE names.");
        }

        if (app.Services.GetRequiredService<IOptions<DashboardOptions>>().Value.Store != StoreEngine.Sqlite)
        {
            throw new StoreException("The settings name a store on PostgreSQL already. Take Dashboard:Store and Dashboard:StoreConnection out of them to move what lies in the data folder.");
        }

        if (!File.Exists(data.StoreFile))
        {
            throw new StoreException($"There is no store in the data folder {data.Path}. Name another with --data.");
        }

        var options = new DbContextOptionsBuilder<DashboardStore>();
        SqliteStore.Use(options, data.StoreFile);
        await using var source = new DashboardStore(options.Options);
        Console.WriteLine($"Copying {data.StoreFile}");
        var tables = await new MoveStore(source, to, app.Services.GetRequiredService<TimeProvider>()).RunAsync(line => Console.WriteLine("  " + line), CancellationToken.None);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""

            Moved: {tables.Sum(table => table.Rows)} rows of {tables.Count} tables, counted on both sides. The SQLite file stays as it is.
            Now change two settings, then start the dashboard on the same data folder (its keys, sample and backups stay there):
              Dashboard:Store            Postgres
              Dashboard:StoreConnection  what stood after --to
            """));
    }
}

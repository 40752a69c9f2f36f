using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Dashboard.Web.Tests.Hosting;

/// <summary>The real app over a data folder that outlives it, with its store where the settings say.</summary>
internal sealed class AppOnStore(string dataFolder, string? connection = null) : WebApplicationFactory<Program>
{
    public HttpClient Client()
    {
        var client = CreateClient(new WebApplicationFactoryClientOptions { BaseAddress = new Uri("http://localhost:5080"), AllowAutoRedirect = false });
        client.DefaultRequestHeaders.Authorization = new("Bearer", Services.GetRequiredService<LocalPass>().Token);
        return client;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("Dashboard:DataFolder", dataFolder);
        builder.UseSetting("Logging:LogLevel:Default", "Warning");
        if (connection is not null)
        {
            builder.UseSetting("Dashboard:Store", "Postgres");
            builder.UseSetting("Dashboard:StoreConnection", connection);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        SqliteConnection.ClearAllPools();
    }
}

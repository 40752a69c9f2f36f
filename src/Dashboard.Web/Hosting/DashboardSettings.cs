using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;

namespace Dashboard.Web.Hosting;

internal static class DashboardSettings
{
    private const string DefaultAddress = "http://localhost:5080";

    /// <summary>Below every file: a log of what the product does, not of each statement that the store runs.</summary>
    private static readonly Dictionary<string, string?> QuietFrameworks = new()
    {
        ["Logging:LogLevel:Microsoft"] = "Warning",
        ["Logging:LogLevel:Microsoft.EntityFrameworkCore"] = "Warning",
        ["Logging:LogLevel:Coravel"] = "Warning",

        // A start that fails is told in a sentence (StartUp); its stack trace helps nobody.
        ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "Critical",
    };

    private const string LogDays = "LOG_RETENTION_DAYS";

    /// <summary>Opens the data folder, reads the settings that lie in it, and checks them all at once.</summary>
    /// <exception cref="DataFolderException">When the folder can't be had.</exception>
    /// <exception cref="SettingsException">When a setting makes no sense.</exception>
    public static void AddDashboardSettings(this WebApplicationBuilder builder, string[] args)
    {
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = QuietFrameworks });
        builder.Configuration.AddCommandLine(args, new Dictionary<string, string> { ["--data"] = $"{DashboardOptions.Section}:{nameof(DashboardOptions.DataFolder)}" });
        var data = DataFolder.Open(builder.Configuration[$"{DashboardOptions.Section}:{nameof(DashboardOptions.DataFolder)}"] ?? "");
        builder.Services.AddSingleton(_ => data);
        builder.Services.AddSingleton<IConfiguration>(builder.Configuration);
        builder.Services.AddSingleton(TimeProvider.System);
        AddSettingsFile(builder, data);

        var logDays = AddLogDays(builder);

        // The key ring lies with the rest: who moves the data folder moves all of the dashboard.
        builder.Services.AddDataProtection().SetApplicationName("Dashboard").PersistKeysToFileSystem(Directory.CreateDirectory(Path.Combine(data.Path, "keys")));
        builder.Services.AddSingleton<ISecretBox, SecretBox>();
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error);

        var options = builder.Configuration.GetSection(DashboardOptions.Section);
        IReadOnlyList<string> faults = [.. logDays, .. (options.Get<DashboardOptions>() ?? new DashboardOptions()).FindFaults()];
        if (faults.Count > 0)
        {
            data.Dispose();
            throw new SettingsException(string.Join(" ", faults));
        }

        builder.Services.Configure<DashboardOptions>(options);

        // Runs are told to stop at once and have this long to clean up behind themselves. One after the other they would hear of it last:
        // the server comes first, and waits for open browsers.
        builder.Services.Configure<HostOptions>(host => (host.ShutdownTimeout, host.ServicesStopConcurrently) = (TimeSpan.FromSeconds(25), true));
        if (builder.Configuration["urls"] is null && !builder.Configuration.GetSection("Kestrel:Endpoints").Exists())
        {
            builder.WebHost.UseUrls(DefaultAddress);
        }
    }

    /// <summary>LOG_RETENTION_DAYS is what the teams' scripts read; a setting of our own name stands above it. Returns what is wrong with it.</summary>
    private static IReadOnlyList<string> AddLogDays(WebApplicationBuilder builder)
    {
        const string Own = $"{DashboardOptions.Section}:{nameof(DashboardOptions.LogRetentionDays)}";
        if (builder.Configuration[LogDays] is not { Length: > 0 } days || builder.Configuration[Own] is not null)
        {
            return [];
        }

        if (!int.TryParse(days, System.Globalization.CultureInfo.InvariantCulture, out _))
        {
            return [$"{LogDays} must be days from 1 to 36500."];
        }

        builder.Configuration[Own] = days;
        return [];
    }

    /// <summary>Above the files that come with the program, below the environment and the command line.</summary>
    private static void AddSettingsFile(WebApplicationBuilder builder, DataFolder data)
    {
        var source = new JsonConfigurationSource { Path = Path.GetFileName(data.SettingsFile), Optional = true, ReloadOnChange = true, FileProvider = new Microsoft.Extensions.FileProviders.PhysicalFileProvider(data.Path) };
        var sources = builder.Configuration.Sources;
        var environment = sources.ToList().FindLastIndex(other => other is EnvironmentVariablesConfigurationSource { Prefix: null or "" });
        sources.Insert(environment < 0 ? sources.Count : environment, source);
    }
}

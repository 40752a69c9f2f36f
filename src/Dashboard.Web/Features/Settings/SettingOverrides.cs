using Dashboard.Core.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace Dashboard.Web.Features.Settings;

/// <summary>Which settings stand above dashboard.json, where the page can't reach.</summary>
internal sealed class SettingOverrides(IConfiguration configuration)
{
    /// <summary>"The environment (Dashboard__UndoHours)"; null when the page may change it.</summary>
    public string? Of(string key) => Above(key) switch
    {
        EnvironmentVariablesConfigurationProvider => $"The environment ({DashboardOptions.Section}__{key})",
        CommandLineConfigurationProvider => $"The command line (--{DashboardOptions.Section}:{key})",
        _ => null,
    };

    /// <summary>What would hold without the override: saving the others must not write the override down.</summary>
    public string? Beneath(string key) => Providers.Where(provider => !IsAbove(provider)).Select(provider => ValueOf(provider, key)).FirstOrDefault(value => value is not null);

    private IEnumerable<IConfigurationProvider> Providers => (configuration as IConfigurationRoot)?.Providers.Reverse() ?? [];

    private IConfigurationProvider? Above(string key) => Providers.FirstOrDefault(provider => IsAbove(provider) && ValueOf(provider, key) is not null);

    private static bool IsAbove(IConfigurationProvider provider) => provider is EnvironmentVariablesConfigurationProvider or CommandLineConfigurationProvider;

    private static string? ValueOf(IConfigurationProvider provider, string key) => provider.TryGet($"{DashboardOptions.Section}:{key}", out var value) ? value : null;
}

using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Dashboard.Core.Health.Installation;

/// <summary>Whether the settings make sense, and those that somebody counts on are given.</summary>
internal sealed class ConfigurationCheck(IConfiguration configuration, IOptionsMonitor<DashboardOptions> options) : IInstallationHealthCheck
{
    private const string Keys = "keys";

    public HealthDescription Description { get; } = new(
        "configuration",
        "Configuration",
        "Whether every setting of the dashboard makes sense, and whether the keys that you name have a value. Values are never shown.",
        IsCritical: true)
    {
        Fields = [new HealthField(Keys, "Keys that must have a value", HealthFieldKind.Lines, "") { Hint = "One a line, from the settings files or the environment: Dashboard:BackupFolder" }],
    };

    public Task<HealthAnswer> LookAsync(HealthQuestion question, CancellationToken cancellationToken)
    {
        var faults = options.CurrentValue.FindFaults();
        if (faults.Count > 0)
        {
            return Task.FromResult(HealthAnswer.Fail(string.Join(' ', faults), "Correct it on the page of the settings, or where the setting was given."));
        }

        var keys = question.Values.Lines(Keys);
        var missing = keys.Where(key => string.IsNullOrEmpty(configuration[key.Replace("__", ":", StringComparison.Ordinal)])).ToList();
        return Task.FromResult(missing.Count > 0
            ? HealthAnswer.Fail($"No value is given for {Words.List(missing, 8)}.", "Give it in the environment or in the settings file, then start the dashboard again.")
            : HealthAnswer.Pass(keys.Count == 0 ? "Every setting makes sense." : $"Every setting makes sense, and {Words.Count(keys.Count, "key")} {(keys.Count == 1 ? "has" : "have")} a value."));
    }
}

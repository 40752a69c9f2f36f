using System.Runtime.InteropServices;

namespace Dashboard.Core.Health.Installation;

/// <summary>What the dashboard runs on, and whether it still gets fixes.</summary>
internal sealed class RuntimeCheck(TimeProvider time) : IInstallationHealthCheck
{
    private const string Least = "least";

    private static readonly TimeSpan Ahead = TimeSpan.FromDays(60);

    /// <summary>Last day of support (https://dotnet.microsoft.com/platform/support/policy/dotnet-core).</summary>
    private static readonly Dictionary<int, DateOnly> Ends = new()
    {
        [8] = new(2026, 11, 10),
        [9] = new(2026, 11, 10),
        [10] = new(2028, 11, 14),
    };

    public HealthDescription Description { get; } = new(
        "runtime",
        "Runtime",
        "The version of .NET that the dashboard runs on, and whether its makers still mend it.",
        IsCritical: false)
    {
        Fields = [new HealthField(Least, "Fail below version", HealthFieldKind.Number, "10") { Min = 1, Max = 100 }],
    };

    public Task<HealthAnswer> LookAsync(HealthQuestion question, CancellationToken cancellationToken) =>
        Task.FromResult(Judge(Environment.Version, question.Values.Number(Least), DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime), $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription}"));

    internal static HealthAnswer Judge(Version version, double? least, DateOnly today, string words)
    {
        var ends = Ends.GetValueOrDefault(version.Major, DateOnly.MaxValue);
        return version.Major < least ? HealthAnswer.Fail($"{words}; version {HealthValues.Write(least.Value)} is the least.", "Install a newer runtime, then start the dashboard again.")
            : today > ends ? HealthAnswer.Warn($"{words}. It gets no fixes since {ends:yyyy-MM-dd}.", "Install a newer version of the dashboard, or of its runtime.")
            : today.AddDays((int)Ahead.TotalDays) > ends ? HealthAnswer.Warn($"{words}. It gets no fixes after {ends:yyyy-MM-dd}.", "Plan the newer version of the dashboard.")
            : HealthAnswer.Pass($"{words}.");
    }
}

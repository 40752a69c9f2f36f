using Dashboard.Core.Metrics;

namespace Dashboard.Postgres.Metrics;

internal static class Tables
{
    /// <summary>The table of a resolution, by series.</summary>
    public static string Of(Resolution resolution) => resolution switch
    {
        Resolution.Raw => "samples",
        Resolution.Hourly => "samples_hourly",
        _ => "samples_daily",
    };
}

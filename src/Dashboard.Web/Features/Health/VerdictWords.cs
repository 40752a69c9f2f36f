using Dashboard.Core.Databases;
using Dashboard.Core.Health;

namespace Dashboard.Web.Features.Health;

/// <summary>Findings in words, icons and colours. Pure.</summary>
public static class VerdictWords
{
    public static (string Tone, string Icon, string Word) Of(HealthVerdict? verdict) => verdict switch
    {
        HealthVerdict.Pass => ("ok", MudBlazor.Icons.Material.Outlined.CheckCircle, "Passed"),
        HealthVerdict.Expected => ("idle", MudBlazor.Icons.Material.Outlined.PauseCircle, "Down as expected"),
        HealthVerdict.Unknown => ("idle", MudBlazor.Icons.Material.Outlined.HelpOutline, "Could not tell"),
        HealthVerdict.Warn => ("warn", MudBlazor.Icons.Material.Outlined.ChangeHistory, "Warning"),
        HealthVerdict.Fail => ("bad", MudBlazor.Icons.Material.Filled.Report, "Failed"),
        _ => ("idle", MudBlazor.Icons.Material.Outlined.HelpOutline, "No data"),
    };

    /// <summary>"Passed on 26 days, failed on 1 day, no data on 3 days."</summary>
    public static string Summary(IReadOnlyList<HealthDay> days)
    {
        ArgumentNullException.ThrowIfNull(days);
        var parts = days.GroupBy(day => day.Worst).OrderBy(group => group.Key is null ? 9 : (int)group.Key)
            .Select(group => $"{Spoken(group.Key)} on {Words.Count(group.Count(), "day")}");
        var sentence = string.Join(", ", parts);
        return sentence.Length == 0 ? "" : $"{char.ToUpperInvariant(sentence[0])}{sentence[1..]}.";
    }

    /// <summary>"Wed 25 Nov: failed, looked at 3 times".</summary>
    public static string Day(HealthDay day)
    {
        ArgumentNullException.ThrowIfNull(day);
        return $"{Date(day.Day)}: {Spoken(day.Worst)}{(day.Runs > 0 ? $", looked at {Words.Count(day.Runs, "time")}" : "")}";
    }

    public static string Date(DateOnly day) => day.ToString("ddd d MMM", System.Globalization.CultureInfo.InvariantCulture);

    public static string Spoken(HealthVerdict? verdict) => verdict switch
    {
        HealthVerdict.Pass => "passed",
        HealthVerdict.Expected => "down as expected",
        HealthVerdict.Unknown => "could not tell",
        HealthVerdict.Warn => "warning",
        HealthVerdict.Fail => "failed",
        _ => "no data",
    };
}

using Dashboard.Core.Databases;
using Dashboard.Core.Retention;

namespace Dashboard.Web.Features.Maintenance.Retention;

/// <summary>Rules in words. Pure.</summary>
internal static class RuleWords
{
    public static string Of(TimeKind kind) => kind switch
    {
        TimeKind.IsoText => "text, such as 2026-11-25 14:05:00",
        TimeKind.UnixSeconds => "seconds since 1970",
        TimeKind.UnixMilliseconds => "milliseconds since 1970",
        TimeKind.JulianDay => "Julian day number",
        TimeKind.Timestamp => "timestamp without time zone",
        TimeKind.TimestampWithZone => "timestamp with time zone",
        _ => "date",
    };

    /// <summary>Whether values of this kind may leave the zone open.</summary>
    public static bool NeedsZone(TimeKind kind) => kind is TimeKind.IsoText or TimeKind.Timestamp or TimeKind.Date;

    /// <summary>"Rows older than 90 days by created_at go into a file, where they stay for 365 days."</summary>
    public static string Of(RowRule rule)
    {
        var which = rule.Condition is null ? "Rows" : "Rows that match the condition and are";
        var purge = rule.PurgeDays is { } days ? $", and are purged there when they are {Words.Count(days, "day")} old" : "";
        var where = rule.Archive switch
        {
            ArchiveKind.File => $"go into a compressed file{purge}",
            ArchiveKind.Table => $"move to the table {rule.ArchiveTable}{purge}",
            _ => "are deleted",
        };
        return $"{which} older than {Words.Count(rule.Days, "day")} by {rule.Column} {where}.";
    }

    public static string Of(RowEffect effect)
    {
        var key = $"{effect.Reference.Child} ({string.Join(", ", effect.Reference.Columns)})";
        var rows = Words.Count(effect.Rows, "row");
        return effect.Reference.Action switch
        {
            KeyAction.Cascade => $"{rows} of {key} would go with them.",
            KeyAction.Clear => $"{rows} of {key} would lose what they point to.",
            _ => $"{rows} of {key} {(effect.Rows == 1 ? "keeps the row that it points" : "keep the rows that they point")} to.",
        };
    }
}

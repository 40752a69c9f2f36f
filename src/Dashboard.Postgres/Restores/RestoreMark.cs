using System.Text.Json;

namespace Dashboard.Postgres.Restores;

/// <summary>What tells after a kill which database is live. Names change; the numbers that the server gives to databases do not.</summary>
/// <param name="Old">Of the database that was live; null when there was none.</param>
/// <param name="New">Of the one that was to be live.</param>
/// <param name="NewName">Under which it was built or kept.</param>
/// <param name="IsKept">Whether it is itself what an earlier restore set aside, and so is never removed.</param>
/// <param name="Disabled">Subscriptions of the live database that are disabled before the names change; enabled again where they do not.</param>
internal sealed record RestoreMark(uint? Old, uint New, string NewName, bool IsKept, IReadOnlyList<string>? Disabled = null)
{
    public string ToJson() => JsonSerializer.Serialize(this);

    /// <summary>Null when it is none of ours.</summary>
    public static RestoreMark? Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<RestoreMark>(json) is { NewName: not null } mark ? mark : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

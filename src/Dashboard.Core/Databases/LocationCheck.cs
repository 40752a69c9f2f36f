namespace Dashboard.Core.Databases;

/// <summary>What was found at a location that somebody typed.</summary>
/// <param name="Verdict">Whether it can be registered.</param>
/// <param name="Headline">One sentence: what it is, or what is wrong.</param>
/// <param name="NextStep">What to do when it can't, or should not, be registered as it is.</param>
/// <param name="Location">The location in its one true form (full path, links resolved); null when refused.</param>
/// <param name="SuggestedName">A name for it.</param>
/// <param name="Facts">What was looked at, in the order of the page.</param>
public sealed record LocationCheck(
    LocationVerdict Verdict,
    string Headline,
    string? NextStep,
    string? Location,
    string? SuggestedName,
    IReadOnlyList<LocationFact> Facts)
{
    public static LocationCheck Refused(string headline, string nextStep, params IReadOnlyList<LocationFact> facts) =>
        new(LocationVerdict.Refused, headline, nextStep, null, null, facts);
}

public enum LocationVerdict
{
    Good,
    Warning,
    Refused,
}

/// <summary>One thing that was looked at: "Journal mode", "WAL: writers and readers do not block each other".</summary>
public sealed record LocationFact(string Label, string Value, LocationVerdict Verdict = LocationVerdict.Good);

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
    /// <summary>What each part of the product needs there, and whether it has it.</summary>
    public IReadOnlyList<LocationAbility> Abilities { get; init; } = [];

    /// <summary>Why every backup would fail, with what to do; null when nothing is known against one.</summary>
    public string? NoBackupBecause { get; init; }

    /// <summary>The login that was typed with it, to be kept apart from the location; null when there is none, or it is known already.</summary>
    public Login? Login { get; init; }

    /// <summary>Other databases that could be registered with the same login.</summary>
    public IReadOnlyList<LocationSibling> Siblings { get; init; } = [];

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

/// <summary>Whether a part of the product will work there: "Back up", good, "Reads every table."</summary>
/// <param name="Words">What it can do, or what is missing and how to give it.</param>
public sealed record LocationAbility(string Feature, LocationVerdict Verdict, string Words);

/// <summary>Another database of the same server.</summary>
/// <param name="Bytes">Null when it may not be asked.</param>
/// <param name="IsRegistered">Set by Core, never by an engine.</param>
public sealed record LocationSibling(string Location, string Name, long? Bytes, bool IsRegistered = false);

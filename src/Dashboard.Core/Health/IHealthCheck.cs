using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;

namespace Dashboard.Core.Health;

/// <summary>One thing that a health run looks at. It describes itself, so that page, schedule and run need to know nothing of it.</summary>
/// <remarks>
/// A check changes nothing and takes no lock that a writer feels. What it can't find out is <see cref="HealthVerdict.Unknown"/>, never a pass:
/// it returns that, or throws a <see cref="DatabaseException"/>, whose words are shown. Damage may be thrown as <see cref="DatabaseDamagedException"/>, and is a failure.
/// Cancelling ends it within moments.
/// </remarks>
public interface IHealthCheck
{
    HealthDescription Description { get; }

    /// <exception cref="DatabaseException">When it could not be looked at.</exception>
    Task<HealthAnswer> LookAsync(HealthQuestion question, CancellationToken cancellationToken);
}

/// <summary>A check of every database, whatever its engine.</summary>
public interface IDatabaseHealthCheck : IHealthCheck;

/// <summary>A check of the installation itself.</summary>
public interface IInstallationHealthCheck : IHealthCheck;

/// <param name="Key">Stored with each result and each setting: "wal". At most 40 characters.</param>
/// <param name="Title">"Write-ahead log".</param>
/// <param name="LooksAt">What it looks at and why that matters, for a person who does not know the word.</param>
/// <param name="IsCritical">Whether its failure means that something is lost or about to be; a person may see it otherwise.</param>
public sealed record HealthDescription(string Key, string Title, string LooksAt, bool IsCritical)
{
    /// <summary>What a person may give or change, in the order of the form.</summary>
    public IReadOnlyList<HealthField> Fields { get; init; } = [];

    /// <summary>After which it could not tell; null for work that takes as long as it takes.</summary>
    public TimeSpan? Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether it is not asked where the database can't be opened: each check would only say so again.</summary>
    public bool NeedsOpenDatabase { get; init; }

    /// <summary>Whether the fleet sees by itself, at every moment, what this looks at: then an older answer does not stand in the way of a newer one.</summary>
    public bool IsSeenLive { get; init; }

    /// <summary>Whether it reads the dashboard's own store only: then it is asked anew for each reading, and no finding outlives its cure.</summary>
    public bool IsAskedAnew { get; init; }
}

/// <summary>A threshold or a list that a check is given.</summary>
/// <param name="Key">Stable, stored: "warn".</param>
/// <param name="Label">"Warn from".</param>
/// <param name="Default">As it is typed; empty where nothing is meant.</param>
public sealed record HealthField(string Key, string Label, HealthFieldKind Kind, string Default)
{
    /// <summary>Behind a number: "MiB", "%", "hours".</summary>
    public string Unit { get; init; } = "";

    public double Min { get; init; }

    public double Max { get; init; } = 1_000_000_000;

    public string? Hint { get; init; }

    /// <summary>Whether the check has nothing to look at while this is empty, and is left out.</summary>
    public bool IsNeeded { get; init; }

    /// <summary>For <see cref="HealthFieldKind.Choice"/>: value and what it means.</summary>
    public IReadOnlyList<(string Value, string Words)> Choices { get; init; } = [];

    /// <summary>Why this can't be taken, in a sentence; null when it can.</summary>
    public string? FindFault(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Kind switch
        {
            HealthFieldKind.Number when value.Trim().Length == 0 => Default.Length == 0 ? null : $"“{Label}” is empty.",
            HealthFieldKind.Number when HealthValues.Parse(value) is null => $"“{value.Trim()}” in “{Label}” is no number.",
            HealthFieldKind.Number when HealthValues.Parse(value) < Min || HealthValues.Parse(value) > Max => $"“{Label}” must be from {HealthValues.Write(Min)} to {HealthValues.Write(Max)}{(Unit.Length > 0 ? " " + Unit : "")}.",
            HealthFieldKind.Choice when Choices.All(choice => choice.Value != value) => $"“{value}” is none of the choices of “{Label}”.",
            HealthFieldKind.Lines when value.Length > MostText => $"“{Label}” is longer than {Words.Count(MostText)} characters.",
            _ => null,
        };
    }

    private const int MostText = 20_000;
}

public enum HealthFieldKind
{
    Number,

    /// <summary>A text of lines, one for each thing to look at.</summary>
    Lines,
    Choice,
}

/// <summary>What a check is asked about.</summary>
/// <param name="Database">Null for the installation.</param>
public sealed record HealthQuestion(Database? Database, HealthValues Values, RunProgress Progress)
{
    public string Location => Database?.Location ?? throw new InvalidOperationException("This check is about a database.");
}

/// <summary>In the order of the worst.</summary>
public enum HealthVerdict
{
    Pass = 0,

    /// <summary>It did not pass, and somebody said beforehand that it would not.</summary>
    Expected = 1,

    /// <summary>It could not tell. Never as good as a pass.</summary>
    Unknown = 2,
    Warn = 3,
    Fail = 4,
}

/// <param name="Evidence">What was found, with its numbers: "The log holds 412 MiB."</param>
/// <param name="NextStep">What to do; null only where nothing needs to be done.</param>
public sealed record HealthAnswer(HealthVerdict Verdict, string Evidence, string? NextStep = null)
{
    public static HealthAnswer Pass(string evidence) => new(HealthVerdict.Pass, evidence);

    public static HealthAnswer Warn(string evidence, string nextStep) => new(HealthVerdict.Warn, evidence, nextStep);

    public static HealthAnswer Fail(string evidence, string nextStep) => new(HealthVerdict.Fail, evidence, nextStep);

    public static HealthAnswer Unknown(string evidence, string? nextStep = null) => new(HealthVerdict.Unknown, evidence, nextStep);

    /// <summary>By two thresholds, of which either may be left out; the higher the worse.</summary>
    public static HealthAnswer By(double value, double? warnFrom, double? failFrom, string evidence, string nextStep) =>
        value >= failFrom ? Fail(evidence, nextStep) : value >= warnFrom ? Warn(evidence, nextStep) : Pass(evidence);

    /// <summary>Worst first: the findings of one check that looked at several things.</summary>
    public static HealthAnswer Join(IReadOnlyCollection<HealthAnswer> answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        var ordered = answers.OrderByDescending(answer => answer.Verdict).ToList();
        return new(ordered[0].Verdict, EngineLines.Join(ordered.Select(answer => answer.Evidence)), ordered[0].NextStep);
    }
}

using Dashboard.Core.Databases;

namespace Dashboard.Core.Health;

/// <summary>The findings of one run, counted. Pure.</summary>
/// <param name="Passed">Of all that were asked; what is down as expected is not among them.</param>
/// <param name="CriticalPassed">Of the critical ones, those that give no reason to worry.</param>
public sealed record HealthSum(HealthVerdict Verdict, int Passed, int Total, int CriticalPassed, int CriticalTotal, string Sentence)
{
    private const int TitlesShown = 2;

    /// <summary>
    /// Worst wins: a critical check that failed makes it a failure, anything else that did not pass a warning. What could not be told is a warning too,
    /// and all of it together is no answer at all.
    /// </summary>
    public static HealthSum Of(IReadOnlyCollection<HealthRecord> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        var critical = records.Where(record => record.IsCritical).ToList();
        var passed = records.Count(record => record.Verdict == HealthVerdict.Pass);
        var criticalPassed = critical.Count(record => record.Verdict <= HealthVerdict.Expected);
        return new HealthSum(Worst(records), passed, records.Count, criticalPassed, critical.Count, Describe(records, critical, passed));
    }

    private static HealthVerdict Worst(IReadOnlyCollection<HealthRecord> records) =>
        records.All(record => record.Verdict == HealthVerdict.Unknown) ? HealthVerdict.Unknown
        : records.Any(record => record is { Verdict: HealthVerdict.Fail, IsCritical: true }) ? HealthVerdict.Fail
        : records.Any(record => record.Verdict >= HealthVerdict.Unknown) ? HealthVerdict.Warn
        : HealthVerdict.Pass;

    private static string Describe(IReadOnlyCollection<HealthRecord> records, List<HealthRecord> critical, int passed)
    {
        if (records.Count == 0)
        {
            return "No check is switched on.";
        }

        var bad = critical.Where(record => record.Verdict >= HealthVerdict.Unknown).OrderByDescending(record => record.Verdict).Select(record => $"“{record.Title}”").ToList();
        var counted = passed == records.Count ? records.Count == 1 ? "The one check passed" : $"All {Words.Count(records.Count)} passed" : $"{Words.Count(passed)} of {Words.Count(records.Count)} passed";
        var criticals = bad.Count > 0 ? $"; not {Words.List(bad, TitlesShown)}, which {(bad.Count == 1 ? "is" : "are")} critical"
            : critical.Count > 0 && passed < records.Count ? ", all critical ones"
            : "";
        var expected = records.Count(record => record.Verdict == HealthVerdict.Expected);
        var down = expected > 0 ? $"{(bad.Count > 0 ? ";" : ",")} {Words.Count(expected)} {(expected == 1 ? "is" : "are")} down as expected" : "";
        return $"{counted}{criticals}{down}.";
    }
}

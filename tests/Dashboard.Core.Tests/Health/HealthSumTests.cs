using Dashboard.Core.Databases;
using Dashboard.Core.Health;

namespace Dashboard.Core.Tests.Health;

public sealed class HealthSumTests
{
    [Theory]
    [InlineData("P! P! P", HealthVerdict.Pass, "All 3 passed.")]
    [InlineData("P!", HealthVerdict.Pass, "The one check passed.")]
    [InlineData("P! P P P P P P W", HealthVerdict.Warn, "7 of 8 passed, all critical ones.")]
    [InlineData("P! F", HealthVerdict.Warn, "1 of 2 passed, all critical ones.")]
    [InlineData("P F", HealthVerdict.Warn, "1 of 2 passed.")]
    [InlineData("F! P P", HealthVerdict.Fail, "2 of 3 passed; not “check 0”, which is critical.")]
    [InlineData("W! U! P", HealthVerdict.Warn, "1 of 3 passed; not “check 0” and “check 1”, which are critical.")]
    [InlineData("P! U", HealthVerdict.Warn, "1 of 2 passed, all critical ones.")]
    [InlineData("U! U", HealthVerdict.Unknown, "0 of 2 passed; not “check 0”, which is critical.")]
    [InlineData("P! E", HealthVerdict.Pass, "1 of 2 passed, all critical ones, 1 is down as expected.")]
    [InlineData("E! P", HealthVerdict.Pass, "1 of 2 passed, all critical ones, 1 is down as expected.")]
    [InlineData("F! E P", HealthVerdict.Fail, "1 of 3 passed; not “check 0”, which is critical; 1 is down as expected.")]
    [InlineData("", HealthVerdict.Unknown, "No check is switched on.")]
    public void Findings_are_counted_in_words_and_the_worst_wins(string findings, HealthVerdict verdict, string sentence)
    {
        var sum = HealthSum.Of([.. findings.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Record)]);

        Assert.Equal((verdict, sentence), (sum.Verdict, sum.Sentence));
    }

    [Fact]
    public void What_is_critical_is_counted_apart()
    {
        var sum = HealthSum.Of([.. "P! F! E! P W".Split(' ').Select(Record)]);

        Assert.Equal((2, 5, 2, 3), (sum.Passed, sum.Total, sum.CriticalPassed, sum.CriticalTotal));
    }

    private static HealthRecord Record(string finding, int position) => new()
    {
        Id = Guid.NewGuid(),
        RunId = Guid.Empty,
        SubjectKind = SubjectKind.Database,
        SubjectId = Guid.Empty,
        Check = $"check-{position}",
        Title = $"check {position}",
        At = DateTimeOffset.UnixEpoch,
        Quarter = 0,
        Since = DateTimeOffset.UnixEpoch,
        IsCritical = finding.EndsWith('!'),
        Evidence = "",
        TookMilliseconds = 0,
        Position = position,
        Verdict = finding[0] switch { 'P' => HealthVerdict.Pass, 'E' => HealthVerdict.Expected, 'U' => HealthVerdict.Unknown, 'W' => HealthVerdict.Warn, _ => HealthVerdict.Fail },
    };
}

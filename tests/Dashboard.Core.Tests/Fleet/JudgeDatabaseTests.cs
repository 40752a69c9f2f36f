using Dashboard.Core.Databases;
using Dashboard.Core.Fleet;
using Dashboard.Core.Health;

namespace Dashboard.Core.Tests.Fleet;

public sealed class JudgeDatabaseTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);
    private static readonly DatabaseReading Read = new(new DatabaseState(Now, 1024, "Lines 1", []), null, null, Now);
    private static readonly DatabaseReading Broken = Read with { Problem = "It is damaged." };

    [Fact]
    public void A_database_that_was_read_and_backed_up_is_healthy() => Expect(DatabaseStatus.Healthy, "Backed up and checked 1 h ago.", Read, Standing(1));

    [Fact]
    public void One_with_a_run_at_work_is_working_even_while_it_can_not_be_read() => Expect(DatabaseStatus.Working, "A run is at work on it.", Broken, Standing(1), isWorking: true);

    [Fact]
    public void One_that_can_not_be_read_is_critical_whatever_its_backups() => Expect(DatabaseStatus.Critical, "It is damaged.", Broken, Standing(1));

    [Fact]
    public void One_with_a_run_at_work_is_working() => Expect(DatabaseStatus.Working, "A run is at work on it.", Read, Standing(null), isWorking: true);

    [Fact]
    public void One_whose_last_backup_failed_needs_attention_and_says_why() =>
        Expect(DatabaseStatus.Attention, "The last backup failed 2 h ago: No space.", Read, Standing(1) with { LastAttemptFailedAt = Now.AddHours(-2), LastFailure = "No space." });

    [Fact]
    public void One_without_a_backup_needs_attention() => Expect(DatabaseStatus.Attention, "No checked backup yet.", Read, Standing(null));

    [Theory]
    [InlineData(26, true, DatabaseStatus.Healthy)]
    [InlineData(27, true, DatabaseStatus.Attention)]
    [InlineData(27, false, DatabaseStatus.Healthy)]
    [InlineData(24 * 7, false, DatabaseStatus.Healthy)]
    [InlineData(24 * 7 + 1, false, DatabaseStatus.Attention)]
    public void An_old_backup_needs_attention_sooner_where_a_daily_one_was_promised(int hours, bool isDaily, DatabaseStatus status)
    {
        Assert.Equal(status, JudgeDatabase.Judge(Read, Standing(hours, isDaily), null, false, Now).Status);
        Assert.Equal(status == DatabaseStatus.Healthy, Standing(hours, isDaily).IsKeptAt(Now));
    }

    [Fact]
    public void A_backup_that_failed_since_or_was_never_taken_keeps_no_promise()
    {
        Assert.False((Standing(1) with { LastFailure = "No space." }).IsKeptAt(Now));
        Assert.False(Standing(null).IsKeptAt(Now));
    }

    [Fact]
    public void One_that_nobody_has_read_yet_has_no_data() => Expect(DatabaseStatus.NoData, "It has not been read yet.", DatabaseReading.None, Standing(1));

    [Fact]
    public void What_passed_is_told_beside_the_backup() => Expect(DatabaseStatus.Healthy, "Backed up and checked 1 h ago. Health: All 8 passed.", Read, Standing(1), health: Health(HealthVerdict.Pass, null));

    [Theory]
    [InlineData(HealthVerdict.Fail, DatabaseStatus.Critical, "Integrity: page 10 is damaged. Found 3 h ago.")]
    [InlineData(HealthVerdict.Warn, DatabaseStatus.Attention, "Integrity: page 10 is damaged. Found 3 h ago.")]
    [InlineData(HealthVerdict.Unknown, DatabaseStatus.NoData, "The health check of 3 h ago could tell nothing: Integrity: page 10 is damaged.")]
    public void What_a_health_run_found_counts_as_bad_as_it_is(HealthVerdict verdict, DatabaseStatus status, string sentence) =>
        Expect(status, sentence, Read, Standing(1), health: Health(verdict, "Integrity: page 10 is damaged."));

    [Fact]
    public void The_worst_wins_whichever_side_it_comes_from()
    {
        Expect(DatabaseStatus.Critical, "Integrity: bad. Found 3 h ago.", Read, Standing(null), health: Health(HealthVerdict.Fail, "Integrity: bad."));
        Expect(DatabaseStatus.Critical, "It is damaged.", Broken, Standing(1), health: Health(HealthVerdict.Fail, "Integrity: bad."));
        Expect(DatabaseStatus.Attention, "No checked backup yet.", Read, Standing(null), health: Health(HealthVerdict.Warn, "Free pages: many."));
        Expect(DatabaseStatus.Critical, "It is damaged.", Broken, Standing(1), health: Health(HealthVerdict.Pass, null));
    }

    [Fact]
    public void A_finding_that_is_older_than_it_should_be_is_not_green()
    {
        Expect(DatabaseStatus.Attention, "Its health was last looked at 3 h ago; the schedule looks more often.", Read, Standing(1), health: Health(HealthVerdict.Pass, null) with { DueBy = Now.AddMinutes(-1) });
        Expect(DatabaseStatus.Attention, "Its health was last looked at 3 h ago, and no schedule looks by itself.", Read, Standing(1), health: Health(HealthVerdict.Pass, null) with { DueBy = Now.AddMinutes(-1), IsScheduled = false });
        Expect(DatabaseStatus.Critical, "Integrity: bad. Found 3 h ago.", Read, Standing(1), health: Health(HealthVerdict.Fail, "Integrity: bad.") with { DueBy = Now.AddMinutes(-1) });
    }

    private static HealthStanding Health(HealthVerdict verdict, string? finding) => new(verdict, finding, "All 8 passed.", Now.AddHours(-3), Now.AddHours(22), IsScheduled: true);

    private static BackupStanding Standing(int? hours, bool isDaily = true) => new(hours is null ? null : Now.AddHours(-hours.Value), null, null, isDaily);

    private static void Expect(DatabaseStatus status, string sentence, DatabaseReading reading, BackupStanding standing, bool isWorking = false, HealthStanding? health = null) =>
        Assert.Equal(new Judgement(status, sentence), JudgeDatabase.Judge(reading, standing, health, isWorking, Now));
}

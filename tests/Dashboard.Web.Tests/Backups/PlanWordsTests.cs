using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Web.Features.Backups;
using Xunit;

namespace Dashboard.Web.Tests.Backups;

public sealed class PlanWordsTests
{
    [Theory]
    [InlineData(10, 11, "1 row that was added since goes away.")]
    [InlineData(10, 47, "37 rows that were added since go away.")]
    [InlineData(10, 9, "1 row comes back.")]
    [InlineData(10, 10, "Every table has as many rows now as in the backup.")]
    public void Counts_what_goes_and_what_comes(long backup, long now, string sentence) =>
        Assert.Equal(sentence, PlanWords.Loss(Plan(new TableChange("orders", backup, now))));

    [Fact]
    public void Calls_an_incomplete_count_a_least_and_leaves_the_uncounted_table_open()
    {
        var plan = Plan(new TableChange("orders", 10, 12), new TableChange("events", 5_000_000, null)) with { NowIsComplete = false };

        Assert.Equal("At least 2 rows that were added since go away.", PlanWords.Loss(plan));
        Assert.Null(PlanWords.ChangeOf(plan, plan.Tables[1]));
    }

    [Fact]
    public void Says_that_nobody_knows_when_nothing_could_be_counted() =>
        Assert.StartsWith("What is in the database now could not be counted", PlanWords.Loss(Plan(new TableChange("orders", 10, null)) with { NowProblem = "It is locked.", NowIsComplete = false }));

    [Fact]
    public void Speaks_of_a_guess_as_one()
    {
        var plan = Plan();

        Assert.Equal("Writers wait about a second; readers go on.", PlanWords.Wait(plan with { WritersWait = TimeSpan.FromMilliseconds(461) }));
        Assert.Equal("Writers and readers wait about 7 s.", PlanWords.Wait(plan with { WritersWait = TimeSpan.FromSeconds(6.2), ReadersWaitToo = true }));
        Assert.Contains("How long can't be told", PlanWords.Wait(plan with { WritersWait = null }));
    }

    [Fact]
    public void Warns_where_there_will_be_no_undo() =>
        Assert.StartsWith("There will be no undo", PlanWords.Undo(Plan() with { HasUndo = false, LiveProblem = "It is damaged." }));

    [Fact]
    public void Says_that_others_wait_where_the_live_database_itself_is_rewritten()
    {
        var plan = Plan() with { HasUndo = false, LiveProblem = "It may not make databases." } with { KeepsBeside = true, EndsSessions = true };

        Assert.StartsWith("Whoever uses the tables waits", PlanWords.Wait(plan));
        Assert.StartsWith("Sessions are ended", PlanWords.Wait(plan with { IsLiveReadable = false }));
        Assert.StartsWith("The new database is built beside", PlanWords.Wait(plan with { HasUndo = true, LiveProblem = null }));
    }

    private static RestorePlan Plan(params TableChange[] tables)
    {
        var at = new DateTimeOffset(2026, 11, 22, 2, 0, 0, TimeSpan.Zero);
        var database = new Database { Id = Guid.NewGuid(), Slug = "shop", Name = "shop", Engine = "sqlite", Location = "/shop.db", AddedAt = at };
        var backup = new Backup
        {
            Id = Guid.NewGuid(),
            DatabaseId = database.Id,
            Kind = BackupKind.Backup,
            Folder = "/b",
            FileName = "shop.zst",
            TakenAt = at,
            Took = TimeSpan.FromSeconds(1),
            AskedBy = "Schedule",
            Compression = Compression.Fast,
            SizeBytes = 1,
            ContentBytes = 2,
            Sha256 = "",
            ContentSha256 = "",
            EngineVersion = "",
            Rows = "[]",
            RowTotal = 0,
            Level = CheckLevel.Compared,
            CheckedAt = at,
        };
        return new RestorePlan(database, backup, TimeSpan.FromHours(14), tables, true, null, [], [], null, false, true, null, TimeSpan.FromHours(24), false, null);
    }
}

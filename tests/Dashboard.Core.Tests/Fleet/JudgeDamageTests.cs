using Dashboard.Core.Databases;
using Dashboard.Core.Fleet;
using Dashboard.Core.Health;

namespace Dashboard.Core.Tests.Fleet;

/// <summary>Damage is one sentence, whoever found it; the engine's lines stay beside it.</summary>
public sealed class JudgeDamageTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);
    private static readonly DatabaseReading Read = new(new DatabaseState(Now, 10, "1", []), null, null, Now);
    private static readonly string[] Lines = ["Tree 5 page 75 cell 44: Rowid 8825 out of order", "database disk image is malformed"];
    private static readonly string Damage = DamageWords.Of(["orders", "lines"], Lines);

    [Fact]
    public void A_health_check_that_found_it_is_one_sentence_with_the_first_table() =>
        Expect("Integrity: Damage found in table orders and 1 more. Found 3 h ago.", Judge(Read, health: $"Integrity: {Damage}"));

    [Fact]
    public void A_backup_that_failed_of_it_is_critical_with_the_same_sentence() =>
        Expect("The last backup failed 2 h ago: Damage found in table orders and 1 more.", Judge(Read, failure: Damage));

    [Fact]
    public void A_reading_that_failed_of_it_is_too() =>
        Expect("Damage found in /srv/shop.db.", Judge(Read with { Problem = DamageWords.OfDatabase("/srv/shop.db", Lines), IsDamaged = true }));

    [Fact]
    public void A_file_that_is_no_database_any_more_is_damage_whatever_its_words()
    {
        var judgement = Judge(Read with { Problem = "/srv/shop.db is encrypted, or is not an SQLite database.", IsDamaged = true });

        Assert.True(judgement.IsDamage);
        Assert.Empty(judgement.Lines);
    }

    [Fact]
    public void Another_failure_is_none() => Assert.False(Judge(Read, failure: "No space left in /mnt.").IsDamage);

    [Theory]
    [InlineData("line\r\nbreak", "Damage found in table line␤␤break.")]
    [InlineData("", "Damage found in table .")]
    [InlineData("an 🐘 that goes on and on and on and on and on and on and on and on and on", "Damage found in table an 🐘 that goes on and on and on and on and on and on and on ….")]
    public void A_name_of_any_kind_stays_on_one_line(string table, string sentence) => Assert.Equal(sentence, DamageWords.Of([table], []));

    [Fact]
    public void Several_texts_become_one_with_all_lines_below() =>
        Assert.Equal("A. B.\na\nb", EngineLines.Join([EngineLines.Below("A.", ["a"]), EngineLines.Below("B.", ["b"])]));

    private static void Expect(string sentence, Judgement judgement)
    {
        Assert.Equal((DatabaseStatus.Critical, sentence, true), (judgement.Status, judgement.Sentence, judgement.IsDamage));
        Assert.Equal(Lines, judgement.Lines);
    }

    private static Judgement Judge(DatabaseReading reading, string? failure = null, string? health = null) => JudgeDatabase.Judge(
        reading,
        new BackupStanding(Now.AddHours(-1), failure is null ? null : Now.AddHours(-2), failure, false),
        health is null ? null : new HealthStanding(HealthVerdict.Fail, health, "3 of 4 passed.", Now.AddHours(-3), Now.AddDays(1), true),
        isWorking: false,
        Now);
}

using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Core.Jobs;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.Health;

public sealed class EditHealthTests : IAsyncDisposable
{
    private static readonly HealthField Limit = new("limit", "Fail from", HealthFieldKind.Number, "10") { Unit = "rows", Min = 1, Max = 100 };

    private readonly StoreFixture _home = new();
    private readonly House _house;

    public EditHealthTests()
    {
        _house = new House(_home);
        _house.Engine.HealthChecks =
        [
            new FakeCheck("rows", (question, _) => Task.FromResult(HealthAnswer.By(12, null, question.Values.Number("limit"), "12 rows.", "Remove some."))) { Fields = [Limit], IsCritical = true },
        ];
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private EditHealth Edit => _house.Get<EditHealth>();

    [Fact]
    public async Task A_threshold_that_is_changed_counts_from_the_next_run_on()
    {
        var shop = await StartAsync();
        Assert.Equal(HealthVerdict.Fail, (await FindAsync(shop, "rows"))?.Verdict);

        await SetAsync(shop, new HealthChoice(false, null, false, null, null, new Dictionary<string, string> { ["limit"] = " 50 " }));

        Assert.Equal(HealthVerdict.Pass, (await FindAsync(shop, "rows"))?.Verdict);
        await SetAsync(shop, new HealthChoice(false, null, false, null, null, new Dictionary<string, string> { ["limit"] = "10" }));
        Assert.Equal("", _home.Look(store => store.HealthSettings.Single().Values));
    }

    [Fact]
    public async Task A_value_that_makes_no_sense_is_refused_and_nothing_changes()
    {
        var shop = await StartAsync();
        foreach (var (value, message) in new[]
        {
            ("many", "“many” in “Fail from” is no number."),
            ("0", "“Fail from” must be from 1 to 100 rows."),
            ("101", "“Fail from” must be from 1 to 100 rows."),
            ("1e999", "“1e999” in “Fail from” is no number."),
            ("", "“Fail from” is empty."),
        })
        {
            var refused = await Assert.ThrowsAsync<DatabaseException>(() => SetAsync(shop, new HealthChoice(true, null, false, null, null, new Dictionary<string, string> { ["limit"] = value })));

            Assert.Equal(message, refused.Message);
            Assert.Equal(0, _home.Look(store => store.HealthSettings.Count()));
        }
    }

    [Fact]
    public async Task One_that_is_off_is_not_asked_and_not_counted()
    {
        var shop = await StartAsync();

        await SetAsync(shop, Choice() with { IsOff = true });

        Assert.Null(await FindAsync(shop, "rows"));
    }

    [Fact]
    public async Task One_that_is_expected_to_be_down_is_no_news_until_its_time_is_over()
    {
        var shop = await StartAsync();
        var until = _home.Time.GetUtcNow().AddHours(2);
        await SetAsync(shop, Choice() with { IsExpectedDown = true, ExpectedUntil = until, ExpectedWhy = "The move." });

        var during = await FindAsync(shop, "rows");
        _home.Time.Advance(TimeSpan.FromHours(2));
        var after = await FindAsync(shop, "rows");

        Assert.Equal((HealthVerdict.Expected, "12 rows."), (during!.Verdict, during.Evidence));
        Assert.Equal((HealthVerdict.Fail, HealthVerdict.Expected), (after!.Verdict, after.Before));
        await Assert.ThrowsAsync<DatabaseException>(() => SetAsync(shop, Choice() with { IsExpectedDown = true, ExpectedUntil = until }));
    }

    [Fact]
    public async Task Whether_it_is_critical_is_for_a_person_to_say()
    {
        var shop = await StartAsync();

        await SetAsync(shop, Choice() with { IsCritical = false });

        Assert.False((await FindAsync(shop, "rows"))!.IsCritical);
    }

    [Fact]
    public async Task What_a_person_asks_is_judged_by_what_it_finds()
    {
        var shop = await StartAsync();
        foreach (var (kind, found, verdict, evidence) in new[]
        {
            (OwnCheckKind.Nothing, "", HealthVerdict.Pass, "It found nothing, as it should."),
            (OwnCheckKind.Nothing, "1,a;2,", HealthVerdict.Fail, "It found 2 rows: 1, a; 2, NULL."),
            (OwnCheckKind.Number, "7", HealthVerdict.Pass, "It found 7; 5 to 10 is right."),
            (OwnCheckKind.Number, "4.5", HealthVerdict.Fail, "It found 4.5; 5 to 10 is right."),
            (OwnCheckKind.Number, "11", HealthVerdict.Fail, "It found 11; 5 to 10 is right."),
            (OwnCheckKind.Number, "", HealthVerdict.Fail, "It did not find exactly one number."),
            (OwnCheckKind.Number, "1,2", HealthVerdict.Fail, "It did not find exactly one number."),
            (OwnCheckKind.Number, "many", HealthVerdict.Fail, "It found “many” instead of a number."),
        })
        {
            _house.Engine.Answer = _ => new OwnAnswer([.. found.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(row => row.Split(',').Select(value => value.Length == 0 ? null : value).ToList())], false);

            var answer = await Edit.TryOwnAsync(Actor.LocalAdministrator, shop, Own(kind), Cancel);

            Assert.Equal((verdict, evidence), (answer.Verdict, answer.Evidence));
            Assert.Equal(verdict != HealthVerdict.Pass, answer.NextStep is not null);
        }

        Assert.Equal(0, _home.Look(store => store.OwnChecks.Count()));
    }

    [Fact]
    public async Task A_question_that_is_refused_fails_and_one_that_is_not_answered_could_not_tell()
    {
        var shop = await StartAsync();
        var own = Own(OwnCheckKind.Nothing);
        await Edit.SaveOwnAsync(Actor.LocalAdministrator, shop, own, Cancel);

        _house.Engine.Answer = _ => throw new OwnQuestionException("There is no such table.");
        var refused = await FindAsync(shop, own.Key);
        _house.Engine.Answer = _ => throw new DatabaseBusyException("No answer in time.");
        var late = await FindAsync(shop, own.Key);

        Assert.Equal((HealthVerdict.Fail, "There is no such table.", "Correct the question of this check."), (refused!.Verdict, refused.Evidence, refused.NextStep));
        Assert.Equal((HealthVerdict.Unknown, "No answer in time."), (late!.Verdict, late.Evidence));
    }

    [Fact]
    public async Task One_of_ones_own_is_changed_and_removed_and_its_history_stays()
    {
        var shop = await StartAsync();
        var own = Own(OwnCheckKind.Nothing);
        await Edit.SaveOwnAsync(Actor.LocalAdministrator, shop, own, Cancel);
        own.Title = "No negative amounts";
        await Edit.SaveOwnAsync(Actor.LocalAdministrator, shop, own, Cancel);
        var found = await FindAsync(shop, own.Key);
        Assert.Equal(("No negative amounts", true, HealthVerdict.Pass), (found!.Title, found.IsCritical, found.Verdict));

        await Edit.RemoveOwnAsync(Actor.LocalAdministrator, shop, own.Id, Cancel);

        Assert.Null(await FindAsync(shop, own.Key));
        Assert.Equal("No negative amounts", _home.Look(store => store.HealthRecords.Single(record => record.Check == own.Key).Title));
    }

    [Fact]
    public async Task An_address_that_can_not_be_asked_is_refused()
    {
        foreach (var (address, message) in new[]
        {
            ("ftp://shop.example/", "The address must begin with http:// or https://."),
            ("shop.example", "The address must begin with http:// or https://."),
            ("https://me:secret@shop.example/", "The address holds a user or a password, and would be shown with it."),
            ("", "The address is empty, or far too long."),
        })
        {
            var own = Own(OwnCheckKind.Service, Subject.Installation);
            own.Question = address;

            Assert.Equal(message, (await Assert.ThrowsAsync<DatabaseException>(() => Edit.SaveOwnAsync(Actor.LocalAdministrator, null, own, Cancel))).Message);
        }
    }

    [Fact]
    public async Task The_installation_is_not_asked_by_sql_and_a_range_has_its_ends_in_order()
    {
        var shop = await StartAsync();
        var turned = Own(OwnCheckKind.Number);
        (turned.Low, turned.High) = (10, 5);
        var open = Own(OwnCheckKind.Number);
        (open.Low, open.High) = (null, null);

        Assert.Equal("Only a database can be asked by SQL.", (await Assert.ThrowsAsync<DatabaseException>(() => Edit.SaveOwnAsync(Actor.LocalAdministrator, null, Own(OwnCheckKind.Nothing, Subject.Installation), Cancel))).Message);
        Assert.Equal("The lowest number that is right is above the highest.", (await Assert.ThrowsAsync<DatabaseException>(() => Edit.SaveOwnAsync(Actor.LocalAdministrator, shop, turned, Cancel))).Message);
        Assert.Equal("Give the lowest or the highest number that is right.", (await Assert.ThrowsAsync<DatabaseException>(() => Edit.SaveOwnAsync(Actor.LocalAdministrator, shop, open, Cancel))).Message);
        Assert.Equal(0, _home.Look(store => store.OwnChecks.Count()));
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }

    private static HealthChoice Choice() => new(false, null, false, null, null, new Dictionary<string, string>());

    private static OwnCheck Own(OwnCheckKind kind, Subject? subject = null) => new()
    {
        Id = Guid.NewGuid(),
        SubjectKind = subject?.Kind ?? SubjectKind.Database,
        SubjectId = subject?.Id ?? Guid.Empty,
        Kind = kind,
        Title = "My question",
        Question = "SELECT 1",
        Low = 5,
        High = 10,
        IsCritical = true,
    };

    private async Task<Database> StartAsync()
    {
        await _house.StartAsync();
        return await _house.RegisterAsync("shop", "orders 10");
    }

    private Task SetAsync(Database database, HealthChoice choice) => Edit.SetAsync(Actor.LocalAdministrator, database, "rows", choice, Cancel);

    /// <summary>Runs all checks, and what one of them found.</summary>
    private async Task<HealthRecord?> FindAsync(Database database, string check)
    {
        _home.Time.Advance(TimeSpan.FromSeconds(1));
        var run = await _house.EndOfAsync(await _house.AskAsync(JobKeys.Health, database));
        return _home.Look(store => store.HealthRecords.SingleOrDefault(record => record.RunId == run.Id && record.Check == check));
    }
}

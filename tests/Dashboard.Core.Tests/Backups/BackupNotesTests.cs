using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Jobs;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.Backups;

/// <summary>A note makes the run amber and is shown with the backup; it never takes from the backup that it is good.</summary>
public sealed class BackupNotesTests : IAsyncDisposable
{
    private const string Unchecked = "Index post_slug could not be checked: the function slugify is not known here.";

    private readonly StoreFixture _home = new();
    private readonly House _house;

    public BackupNotesTests() => _house = new House(_home);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_note_makes_the_run_amber_and_the_backup_stays_good()
    {
        var shop = await _house.RegisterAsync("Shop", ["orders 1"]);
        _house.Engine.Notes.AddRange([Unchecked, "The dump holds the password\nof a subscription in clear."]);
        await _house.StartAsync();

        var run = await _house.EndOfAsync(await _house.AskAsync("backup", shop));

        var backup = _home.Look(store => store.Backups.Single());
        Assert.Equal(RunState.SucceededWithWarnings, run.State);
        Assert.StartsWith(Unchecked, run.Problem, StringComparison.Ordinal);
        Assert.True(backup.IsGood);
        Assert.Null(backup.Problem);
        Assert.Equal([Unchecked, "The dump holds the password of a subscription in clear."], backup.NoteList);
    }

    [Fact]
    public async Task A_check_keeps_the_notes_and_is_amber_too()
    {
        var shop = await _house.RegisterAsync("Shop", ["orders 1"]);
        _house.Engine.Notes.Add(Unchecked);
        await _house.StartAsync();
        await _house.EndOfAsync(await _house.AskAsync("backup", shop));
        var backup = _home.Look(store => store.Backups.Single());

        var run = await _house.EndOfAsync(await _house.Get<AskForRestore>().CheckAsync(Actor.LocalAdministrator, backup.Id, Cancel));

        var after = _home.Look(store => store.Backups.Single());
        Assert.Equal((RunState.SucceededWithWarnings, Unchecked), (run.State, run.Problem));
        Assert.Equal((true, Unchecked), (after.IsGood, after.Notes));
    }

    [Fact]
    public async Task The_restore_plan_says_what_the_notes_say()
    {
        var shop = await _house.RegisterAsync("Shop", ["orders 1"]);
        _house.Engine.Notes.Add(Unchecked);
        await _house.StartAsync();
        await _house.EndOfAsync(await _house.AskAsync("backup", shop));

        var plan = await _house.Get<PlanRestore>().PlanAsync(Actor.LocalAdministrator, _home.Look(store => store.Backups.Single()).Id, Cancel);

        Assert.Contains(Unchecked, plan!.Warnings);
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }
}

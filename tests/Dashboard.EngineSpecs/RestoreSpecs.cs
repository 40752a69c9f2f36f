using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.EngineSpecs.Faults;
using Xunit;

namespace Dashboard.EngineSpecs;

public abstract class RestoreSpecs(EngineHarness harness) : EngineSpec(harness)
{
    private const int MostPhases = 7;

    private readonly List<string> checkpoints = [];

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_restore_brings_back_exactly_what_was_backed_up()
    {
        var (location, file, old, _) = await PrepareAsync();

        await Engine.RestoreAsync(location, Work(location, file), RunProgress.None, Now);

        Assert.Equal(old, await Harness.ReadAllAsync(location));
    }

    [Fact]
    public async Task The_undo_holds_exactly_what_was_replaced()
    {
        var (location, file, _, changed) = await PrepareAsync();
        var work = Work(location, file);

        await Engine.RestoreAsync(location, work, RunProgress.None, Now);

        Assert.Equal(changed, await Harness.ReadAllOfAsync(location, work.Undo!));
        Assert.True(Harness.KeepsBeside || (await Engine.CheckCopyAsync(work.Undo!.Name, null, CheckDepth.Full, RunProgress.None, Now)).IsSound);
    }

    [Fact]
    public async Task Restoring_the_undo_takes_the_restore_back()
    {
        var (location, file, old, changed) = await PrepareAsync();
        var work = Work(location, file);
        await Engine.RestoreAsync(location, work, RunProgress.None, Now);

        var back = Work(location, work.Undo!);
        await Engine.RestoreAsync(location, back, RunProgress.None, Now);

        Assert.Equal(changed, await Harness.ReadAllAsync(location));
        Assert.Equal(old, await Harness.ReadAllOfAsync(location, back.Undo!));
    }

    [Fact]
    public async Task The_checkpoint_comes_once_and_finds_the_undo_sure_and_the_content_unchanged()
    {
        var (location, file, _, changed) = await PrepareAsync();
        var undo = Harness.NewUndo(location, "undo");
        string? seen = null;

        await Engine.RestoreAsync(location, new RestoreWork(ContentPlace.File(file), undo, async mark =>
        {
            checkpoints.Add(mark);
            seen = await Harness.ReadAtCheckpointAsync(location, undo);
        }), RunProgress.None, Now);

        Assert.Single(checkpoints);
        Assert.Equal(changed, seen);
    }

    [Fact]
    public async Task A_restore_that_committed_is_traced_as_committed()
    {
        var (location, file, _, _) = await PrepareAsync();

        await Engine.RestoreAsync(location, Work(location, file), RunProgress.None, Now);

        Assert.Equal(RestoreTrace.Committed, await Engine.TraceRestoreAsync(location, checkpoints[0], Now));
    }

    [Fact]
    public async Task A_restore_that_ended_at_its_checkpoint_is_traced_as_not_committed()
    {
        var (location, file, _, changed) = await PrepareAsync();
        var undo = Harness.NewUndo(location, "undo");

        await Assert.ThrowsAsync<InvalidOperationException>(() => Engine.RestoreAsync(location, new RestoreWork(ContentPlace.File(file), undo, mark =>
        {
            checkpoints.Add(mark);
            throw new InvalidOperationException("The store is gone.");
        }), RunProgress.None, Now));

        Assert.Equal(RestoreTrace.NotCommitted, await Engine.TraceRestoreAsync(location, checkpoints[0], Now));
        Assert.Equal(changed, await Harness.ReadAllAsync(location));
        Assert.False(await Harness.ExistsAsync(location, undo));
    }

    [Fact]
    public async Task A_checkpoint_of_something_else_is_traced_as_unknown()
    {
        var location = await Harness.CreateAsync();

        Assert.Equal(RestoreTrace.Unknown, await Engine.TraceRestoreAsync(location, "not a checkpoint", Now));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cancelled_in_any_phase_it_leaves_the_content_and_no_undo(bool midway)
    {
        var (location, file, old, changed) = await PrepareAsync();

        for (var phase = 0; phase < MostPhases; phase++)
        {
            using var person = new ImpatientPerson(phase, midway);
            var work = Work(location, file, $"undo-{phase}");
            try
            {
                await Engine.RestoreAsync(location, work, person, person.Token);

                // A press that came too late has no effect; the next trial starts from the changed content again.
                Assert.Equal(old, await Harness.ReadAllAsync(location));
                await Engine.RestoreAsync(location, Work(location, work.Undo!, $"back-{phase}"), RunProgress.None, Now);
            }
            catch (OperationCanceledException)
            {
                Assert.True(person.HasPressed);
                Assert.False(await Harness.ExistsAsync(location, work.Undo!), $"phase {phase}");
            }

            Assert.Equal(changed, await Harness.ReadAllAsync(location));
        }

        Assert.DoesNotContain(Directory.GetFiles(Harness.Folder), name => name.EndsWith(".partial", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Cancel_is_offered_until_the_commit_and_not_after_it()
    {
        var (location, file, _, _) = await PrepareAsync();
        var progress = new WatchedProgress();

        await Engine.RestoreAsync(location, Work(location, file), progress, Now);

        var offered = progress.Phases.Select(phase => phase.CanCancel).ToList();
        Assert.True(offered[0]);
        Assert.False(offered[^1]);
        Assert.Equal(offered.OrderDescending(), offered);
    }

    [Fact]
    public async Task A_missing_database_is_created()
    {
        var (location, file, old, _) = await PrepareAsync();
        var work = Work(location, file) with { Undo = null };

        await Engine.RestoreAsync(Harness.Nowhere, work, RunProgress.None, Now);

        Assert.Equal(old, await Harness.ReadAllAsync(Harness.Nowhere));
        Assert.Equal(RestoreTrace.Committed, await Engine.TraceRestoreAsync(Harness.Nowhere, checkpoints[0], Now));
    }

    [Fact]
    public async Task An_unreadable_database_is_set_aside_and_replaced()
    {
        var (location, file, old, _) = await PrepareAsync();
        await Harness.DestroyAsync(location);
        var outlook = await Engine.LookAheadAsync(location, new FileInfo(file).Length, new Dictionary<string, string>(), Now);

        var result = await Engine.RestoreAsync(location, Work(location, file) with { Undo = null }, RunProgress.None, Now);

        Assert.False(outlook.IsLiveReadable);
        Assert.NotNull(outlook.LiveProblem);
        Assert.NotNull(result.SetAside);
        Assert.Equal(old, await Harness.ReadAllAsync(location));
    }

    [Fact]
    public async Task An_undo_copy_that_cannot_be_exact_is_refused_before_anything_is_touched()
    {
        var (location, file, _, _) = await PrepareAsync();
        await Harness.DestroyAsync(location);
        var surroundings = await Harness.ListSurroundingsAsync(location);

        await Assert.ThrowsAsync<DatabaseDamagedException>(() => Engine.RestoreAsync(location, Work(location, file), RunProgress.None, Now));

        Assert.Equal(surroundings, await Harness.ListSurroundingsAsync(location));
        Assert.Empty(checkpoints);
    }

    [Fact]
    public async Task The_outlook_names_the_size_of_the_undo_copy_and_finds_no_blocker()
    {
        var (location, file, _, _) = await PrepareAsync();
        var work = Work(location, file);

        var outlook = await Engine.LookAheadAsync(location, new FileInfo(file).Length, new Dictionary<string, string>(), Now);
        await Engine.RestoreAsync(location, work, RunProgress.None, Now);

        Assert.True(outlook.IsLiveReadable);
        Assert.Null(outlook.Blocker);
        Assert.Equal(await Harness.SizeOfAsync(location, work.Undo!), outlook.LiveBytes, Harness.KeepsBeside ? outlook.LiveBytes / 20 : 0);
        Assert.True(outlook.LiveDiskBytesNeeded > 0);
    }

    [Fact]
    public async Task A_copy_is_created_beside_and_found_again()
    {
        var (location, file, old, changed) = await PrepareAsync();

        var copy = (await Engine.RestoreAsCopyAsync(location, new CopyWork(file, "restored-20260102"), RunProgress.None, Now)).Location;

        Assert.NotEqual(location, copy);
        Assert.Equal(old, await Harness.ReadAllAsync(copy));
        Assert.Equal(changed, await Harness.ReadAllAsync(location));
        Assert.Equal(copy, await Engine.FindCopyAsync(location, "restored-20260102", Now));
        Assert.Null(await Engine.FindCopyAsync(location, "restored-20260103", Now));
    }

    [Fact]
    public async Task A_copy_never_overwrites()
    {
        var (location, file, old, _) = await PrepareAsync();
        var copy = (await Engine.RestoreAsCopyAsync(location, new CopyWork(file, "restored"), RunProgress.None, Now)).Location;

        await Assert.ThrowsAsync<DatabaseException>(() => Engine.RestoreAsCopyAsync(location, new CopyWork(file, "restored"), RunProgress.None, Now));

        Assert.Equal(old, await Harness.ReadAllAsync(copy));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cancelled_copy_leaves_nothing_behind(bool midway)
    {
        var (location, file, _, _) = await PrepareAsync();
        var surroundings = await Harness.ListSurroundingsAsync(location);
        using var person = new ImpatientPerson(0, midway);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Engine.RestoreAsCopyAsync(location, new CopyWork(file, "restored"), person, person.Token));

        Assert.Equal(surroundings, await Harness.ListSurroundingsAsync(location));
        Assert.Null(await Engine.FindCopyAsync(location, "restored", Now));
    }

    private async Task<(string Location, string File, string Old, string Changed)> PrepareAsync()
    {
        var location = await Harness.CreateAsync();
        var old = await Harness.ReadAllAsync(location);
        var (file, _) = await Harness.TakeBackupAsync(location);
        await Harness.ChangeAsync(location);
        return (location, file, old, await Harness.ReadAllAsync(location));
    }

    private RestoreWork Work(string location, string file, string undo = "undo") => Work(location, ContentPlace.File(file), undo);

    private RestoreWork Work(string location, ContentPlace content, string undo = "undo") => new(content, Harness.NewUndo(location, $"{undo}-{checkpoints.Count}"), mark =>
    {
        checkpoints.Add(mark);
        return Task.CompletedTask;
    });
}

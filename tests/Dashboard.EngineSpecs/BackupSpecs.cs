using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.EngineSpecs.Faults;
using Xunit;

namespace Dashboard.EngineSpecs;

public abstract class BackupSpecs(EngineHarness harness) : EngineSpec(harness)
{
    private const int MostPhases = 6;

    [Fact]
    public async Task A_backup_holds_exactly_what_the_database_held()
    {
        var location = await Harness.CreateAsync();
        var before = await Harness.ReadAllAsync(location);

        var (file, _) = await Harness.TakeBackupAsync(location);

        Assert.Equal(before, await Harness.ReadAllOfCopyAsync(file));
        Assert.Equal(before, await Harness.ReadAllAsync(location));
    }

    [Fact]
    public async Task A_backup_says_what_it_is_and_how_far_it_was_checked()
    {
        var location = await Harness.CreateAsync();
        var now = await Engine.CountRowsAsync(location, TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        var (_, content) = await Harness.TakeBackupAsync(location);

        Assert.Equal(Harness.Level, content.Level);
        Assert.Equal(now.Tables, content.Rows);
        Assert.Empty(content.Warnings);
        Assert.NotEmpty(content.Identity);
        Assert.True(content.SourceBytes > 0);
    }

    [Fact]
    public async Task A_backup_can_be_checked_in_full_against_its_counts()
    {
        var location = await Harness.CreateAsync();
        var (file, content) = await Harness.TakeBackupAsync(location);

        var check = await Engine.CheckCopyAsync(file, content.Rows, CheckDepth.Full, Core.Jobs.RunProgress.None, TestContext.Current.CancellationToken);

        Assert.Empty(check.Problems);
    }

    [Fact]
    public async Task Progress_reaches_the_total_of_every_phase_that_names_one()
    {
        var location = await Harness.CreateAsync();
        var progress = new WatchedProgress();

        await Harness.TakeBackupAsync(location, progress);

        Assert.Contains(progress.Phases, phase => phase.TotalBytes > 0);
        Assert.All(progress.Phases, phase => Assert.True(phase.TotalBytes is null || phase.DoneBytes == phase.TotalBytes, $"{phase}"));
        Assert.All(progress.Phases, phase => Assert.True(phase.CanCancel, phase.Name));
    }

    [Fact]
    public async Task Two_backups_at_once_do_not_disturb_each_other()
    {
        var location = await Harness.CreateAsync();

        var backups = await Task.WhenAll(Harness.TakeBackupAsync(location), Harness.TakeBackupAsync(location));

        Assert.Equal(await Harness.ReadAllOfCopyAsync(backups[0].File), await Harness.ReadAllOfCopyAsync(backups[1].File));
    }

    [Fact]
    public async Task A_missing_database_is_named_with_a_next_step()
    {
        var error = await Assert.ThrowsAsync<DatabaseMissingException>(() => Harness.TakeBackupAsync(Harness.Nowhere));

        Assert.NotNull(error.NextStep);
    }

    [Fact]
    public async Task An_unreadable_database_is_never_backed_up_as_if_it_were_whole()
    {
        var location = await Harness.CreateAsync();
        await Harness.DestroyAsync(location);

        var error = await Assert.ThrowsAsync<DatabaseDamagedException>(() => Harness.TakeBackupAsync(location));

        Assert.NotNull(error.NextStep);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cancelled_in_any_phase_it_ends_and_leaves_all_as_it_was(bool midway)
    {
        var location = await Harness.CreateAsync();
        var before = await Harness.ReadAllAsync(location);
        var surroundings = await Harness.ListSurroundingsAsync(location);

        for (var phase = 0; phase < MostPhases; phase++)
        {
            using var person = new ImpatientPerson(phase, midway);
            try
            {
                await Harness.TakeBackupAsync(location, person, person.Token);
                Assert.False(person.HasPressed && !midway, $"ignored in phase {phase}");
            }
            catch (OperationCanceledException)
            {
                Assert.True(person.HasPressed);
            }
        }

        Assert.Equal(before, await Harness.ReadAllAsync(location));
        Assert.Equal(surroundings, await Harness.ListSurroundingsAsync(location));
    }
}

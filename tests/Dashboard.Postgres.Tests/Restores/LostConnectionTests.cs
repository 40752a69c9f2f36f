using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Postgres.Connections;
using Dashboard.Trials.Postgres;
using Xunit;

namespace Dashboard.Postgres.Tests.Restores;

/// <summary>The way to the server is cut at the worst moment and whole again a little later.</summary>
public sealed class LostConnectionTests : IAsyncLifetime
{
    /// <summary>More than the work itself tries, so that what comes after it is refused as well.</summary>
    private const int Refusals = 4;

    private readonly PostgresHarness _harness = new();
    private string _location = "";
    private CutProxy? _cable;

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private CutProxy Cable => _cable!;

    private string ThroughCable => (PostgresLocation.Parse(_location) with { Port = Cable.Port }).ToString();

    public async ValueTask InitializeAsync()
    {
        _location = await _harness.CreateAsync();
        _cable = new CutProxy(PostgresLocation.Parse(_location).Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _harness.DisposeAsync();
        await Cable.DisposeAsync();
    }

    [Fact]
    public async Task A_restore_that_was_cut_off_before_the_change_of_names_leaves_nothing_behind()
    {
        var (file, _) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        var (before, surroundings) = (await _harness.ReadAllAsync(_location), await _harness.ListSurroundingsAsync(_location));

        await Assert.ThrowsAsync<DatabaseException>(() => _harness.Engine.RestoreAsync(ThroughCable, Work(file, _ => Cable.Cut(Refusals)), RunProgress.None, Now));

        Assert.Equal(surroundings, await _harness.ListSurroundingsAsync(_location));
        Assert.Equal(before, await _harness.ReadAllAsync(_location));
    }

    [Fact]
    public async Task Which_content_is_live_is_told_as_soon_as_the_server_can_be_asked_again()
    {
        var (file, _) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        var mark = "";
        await _harness.Engine.RestoreAsync(_location, Work(file, said => mark = said), RunProgress.None, Now);
        Cable.Cut(Refusals);

        Assert.Equal(RestoreTrace.Committed, await _harness.Engine.TraceRestoreAsync(ThroughCable, mark, Now));
    }

    private RestoreWork Work(string file, Action<string> atCheckpoint) => new(ContentPlace.File(file), _harness.NewUndo(_location, "undo"), mark =>
    {
        atCheckpoint(mark);
        return Task.CompletedTask;
    });
}

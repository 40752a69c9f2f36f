using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Sqlite.Tests.Faults;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dashboard.Sqlite.Tests.Backups;

public sealed class BusySourceTests : IAsyncLifetime
{
    private readonly SqliteHarness harness = new("delete");
    private readonly TaskCompletionSource waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => harness.DisposeAsync();

    [Fact]
    public async Task A_backup_waits_for_a_writer_and_then_goes_on()
    {
        var file = harness.Create("held.db");
        await using var holder = await OtherProcess.StartAsync("hold", file, "exclusive");

        var backup = harness.TakeBackupAsync(file, new AtPhase("Opening", () => waiting.TrySetResult()), TestContext.Current.CancellationToken);
        await waiting.Task;
        await holder.EndAsync();
        var (copy, _) = await backup;

        Assert.Equal(SqliteHarness.ReadAll(file), SqliteHarness.ReadAll(copy));
    }

    [Fact]
    public async Task A_backup_that_waits_can_be_cancelled()
    {
        var file = harness.Create("held.db");
        await using var holder = await OtherProcess.StartAsync("hold", file, "exclusive");
        using var cancel = new CancellationTokenSource();

        var backup = harness.TakeBackupAsync(file, new AtPhase("Opening", cancel.Cancel), cancel.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => backup);
    }

    [Fact]
    public async Task After_a_minute_the_process_that_holds_it_is_named()
    {
        var file = harness.Create("held.db");
        await using var holder = await OtherProcess.StartAsync("hold", file, "exclusive");
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(10) };
        await using var artefact = new MemoryStream();

        var error = await Assert.ThrowsAsync<DatabaseBusyException>(() => new SqliteEngine(time).WriteBackupAsync(
            file, new BackupStaging(harness.NewFile("work"), artefact), Core.Jobs.RunProgress.None, TestContext.Current.CancellationToken));

        Assert.Contains($"process {holder.Id}", error.Message, StringComparison.Ordinal);
        Assert.Contains("60 seconds", error.Message, StringComparison.Ordinal);
    }
}

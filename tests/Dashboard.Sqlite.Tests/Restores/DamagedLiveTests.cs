using System.Runtime.Versioning;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Sqlite.Tests.Faults;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dashboard.Sqlite.Tests.Restores;

[UnsupportedOSPlatform("windows")]
public sealed class DamagedLiveTests
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Cases => new MatrixTheoryData<string, string>(["wal", "delete"], ["zeros", "garbage", "cut off"]);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task What_nobody_has_open_is_moved_aside_with_its_owner_and_mode_kept(string journal, string damage)
    {
        await using var harness = new SqliteHarness(journal);
        var (live, old, copy) = await PrepareAsync(harness, damage);
        var damaged = await File.ReadAllBytesAsync(live, Now);
        File.SetUnixFileMode(live, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        var result = await harness.Engine.RestoreAsync(live, new RestoreWork(ContentPlace.File(copy), null, _ => Task.CompletedTask), RunProgress.None, Now);

        Assert.Equal(old, SqliteHarness.ReadAll(live));
        Assert.Equal(damaged, await File.ReadAllBytesAsync(result.SetAside!, Now));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(live));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task What_an_application_has_open_is_emptied_in_place_or_that_process_is_named(string journal, string damage)
    {
        await using var harness = new SqliteHarness(journal);
        var (live, old, copy) = await PrepareAsync(harness, "none");
        await using var application = await OtherProcess.StartAsync("connect", live);
        Damage(live, damage);
        var damaged = await File.ReadAllBytesAsync(live, Now);
        var engine = new SqliteEngine(new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(10) });

        try
        {
            var result = await engine.RestoreAsync(live, new RestoreWork(ContentPlace.File(copy), null, _ => Task.CompletedTask), RunProgress.None, Now);

            Assert.Equal(old, SqliteHarness.ReadAll(live));
            Assert.Equal(damaged, await File.ReadAllBytesAsync(result.SetAside!, Now));
        }
        catch (DatabaseBusyException error)
        {
            // Nothing tells a connection in WAL mode that the header under it is gone, so it never lets go.
            Assert.Equal("wal", journal);
            Assert.Contains($"process {application.Id}", error.Message, StringComparison.Ordinal);
            Assert.Equal(damaged, await File.ReadAllBytesAsync(live, Now));
        }
    }

    [Fact]
    public async Task Twice_within_one_second_both_damaged_files_are_kept()
    {
        await using var harness = new SqliteHarness();
        var (live, old, copy) = await PrepareAsync(harness, "zeros");
        var engine = new SqliteEngine(new FakeTimeProvider());

        var first = await engine.RestoreAsync(live, new RestoreWork(ContentPlace.File(copy), null, _ => Task.CompletedTask), RunProgress.None, Now);
        Damage(live, "garbage");
        var damaged = await File.ReadAllBytesAsync(live, Now);
        var second = await engine.RestoreAsync(live, new RestoreWork(ContentPlace.File(copy), null, _ => Task.CompletedTask), RunProgress.None, Now);

        Assert.Equal(old, SqliteHarness.ReadAll(live));
        Assert.Equal(first.SetAside + "_2", second.SetAside);
        Assert.Equal(damaged, await File.ReadAllBytesAsync(second.SetAside!, Now));
    }

    [Fact]
    public async Task Damaged_pages_under_a_sound_header_are_replaced_and_kept_in_the_undo_copy()
    {
        await using var harness = new SqliteHarness();
        var (live, old, copy) = await PrepareAsync(harness, "none");
        SqliteHarness.Overwrite(live, 200_000, 40_000);
        var undo = harness.NewFile("undo.plain");

        await harness.Engine.RestoreAsync(live, new RestoreWork(ContentPlace.File(copy), ContentPlace.File(undo), _ => Task.CompletedTask), RunProgress.None, Now);

        Assert.Equal(old, SqliteHarness.ReadAll(live));
        Assert.False((await harness.Engine.CheckCopyAsync(undo, null, CheckDepth.Quick, RunProgress.None, Now)).IsSound);
    }

    private static async Task<(string Live, string Old, string Copy)> PrepareAsync(SqliteHarness harness, string damage)
    {
        var live = harness.Create("live.db");
        var old = SqliteHarness.ReadAll(live);
        var (copy, _) = await harness.TakeBackupAsync(live, cancellationToken: Now);
        Damage(live, damage);
        return (live, old, copy);
    }

    private static void Damage(string live, string damage)
    {
        switch (damage)
        {
            case "zeros":
                using (var file = File.OpenWrite(live))
                {
                    file.Write(new byte[100]);
                }

                break;
            case "garbage":
                SqliteHarness.Overwrite(live, 0, 100);
                break;
            case "cut off":
                using (var file = File.OpenWrite(live))
                {
                    file.SetLength(file.Length / 2 + 77);
                }

                break;
        }
    }
}

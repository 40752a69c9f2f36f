using Dashboard.Sqlite.Tests.Faults;
using Xunit;

namespace Dashboard.Sqlite.Tests.Aliases;

/// <summary>What the dashboard can't look into: processes of another user, and those outside its container.</summary>
public sealed class HiddenProcessTests : IAsyncDisposable
{
    private const int Sold = 500;

    /// <summary>The user nobody, who may look into no process of root.</summary>
    private static readonly string[] AsNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "HOME=/nonexistent"];

    private static readonly string[] InContainer = ["unshare", "--pid", "--fork", "--mount-proc"];

    private readonly SqliteHarness harness = new("wal");
    private readonly SecondName second = new();

    public static TheoryData<string, string> HarmfulAndView =>
        [.. SecondName.Harmful.SelectMany(kind => new TheoryDataRow<string, string>[] { new(kind, "nobody"), new(kind, "container") })];

    public static TheoryData<string, string> LostAndView => new()
    {
        { "-wal", "nobody" },
        { "-shm", "nobody" },
        { "-wal -shm", "nobody" },
        { "-shm", "container" },
        { "-wal -shm", "container" },
    };

    [Theory]
    [MemberData(nameof(HarmfulAndView))]
    public async Task Locks_tell_of_an_application_with_another_WAL(string kind, string view)
    {
        var file = harness.Create("shop.db");
        await using var application = await second.StartAsync(kind, file, "sell", $"{Sold}");

        var answer = await BackUpAsync(view, file);

        Assert.StartsWith("refused", answer, StringComparison.Ordinal);
        Assert.Contains("another WAL", answer, StringComparison.Ordinal);
        Assert.Contains(view == "nobody" ? $"(process {application.Id})" : "A process outside this container", answer, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(LostAndView))]
    public async Task A_backup_that_lacks_rows_is_never_taken_where_a_sidecar_was_deleted(string suffixes, string view)
    {
        var file = harness.Create("shop.db");
        await using var application = await OtherProcess.StartAsync("sell", file, $"{Sold}");
        foreach (var suffix in suffixes.Split(' '))
        {
            File.Delete(file + suffix);
        }

        Assert.StartsWith("refused", await BackUpAsync(view, file), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_users_application_is_seen_well_enough_for_a_backup_without_a_note()
    {
        var file = harness.Create("shop.db");
        await using var application = await OtherProcess.StartAsync("sell", file, $"{Sold}");

        Assert.Equal($"taken {1800 + Sold}", await BackUpAsync("nobody", file));
    }

    [Fact]
    public async Task In_a_container_the_backup_is_whole_and_says_what_could_not_be_seen()
    {
        var file = harness.Create("shop.db");
        await using var application = await OtherProcess.StartAsync("sell", file, $"{Sold}");

        var answer = await BackUpAsync("container", file);

        Assert.StartsWith($"taken {1800 + Sold} The dashboard runs in a container", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_container_a_database_that_nobody_has_open_is_seen_to_be_so()
    {
        var file = harness.Create("shop.db");

        Assert.Equal("taken 1800", await BackUpAsync("container", file));
    }

    [Fact]
    public async Task In_a_container_rollback_mode_needs_no_look_at_others_for_every_committed_row_is_in_the_file()
    {
        await using var rollback = new SqliteHarness("delete");
        var file = rollback.Create("shop.db");
        await using var application = await OtherProcess.StartAsync("sell", file, $"{Sold}");
        Open(rollback.Folder);

        Assert.Equal($"taken {1800 + Sold}", await BackUpAsync("container", file));
    }

    public async ValueTask DisposeAsync()
    {
        second.Dispose();
        await harness.DisposeAsync();
    }

    private async Task<string> BackUpAsync(string view, string file)
    {
        var through = view == "nobody" ? AsNobody : InContainer;
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "Only root on Linux can look through the eyes of others.");
        Open(harness.Folder);
        var (code, output) = await OtherProcess.RunThroughAsync(through, "back-up", file, Path.Combine(harness.Folder, $"{Guid.NewGuid():N}"));
        Assert.Equal(0, code);
        return output;
    }

    /// <summary>So that what may not be seen is the process, not the file.</summary>
    private static void Open(string folder)
    {
        const UnixFileMode all = (UnixFileMode)0x1FF;
        foreach (var entry in Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Append(folder))
        {
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(entry, all);
            }
        }
    }
}

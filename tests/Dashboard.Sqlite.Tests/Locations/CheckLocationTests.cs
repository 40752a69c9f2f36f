using System.Diagnostics;
using System.Net.Sockets;
using Dashboard.Core.Databases;
using Dashboard.Sqlite.Tests.Faults;
using Xunit;

namespace Dashboard.Sqlite.Tests.Locations;

public sealed class CheckLocationTests : IAsyncLifetime
{
    private readonly SqliteHarness harness = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => harness.DisposeAsync();

    [Theory]
    [InlineData("\"{0}\"")]
    [InlineData("'{0}'")]
    [InlineData("  {0}\r\n")]
    [InlineData("\t\" {0} \"\n")]
    public async Task What_was_copied_along_with_a_path_is_taken_off(string typed)
    {
        var file = harness.Create("shop.db");

        var check = await CheckAsync(typed.Replace("{0}", file, StringComparison.Ordinal));

        Assert.Equal(LocationVerdict.Good, check.Verdict);
        Assert.Equal(file, check.Location);
    }

    [Fact]
    public async Task A_name_that_really_ends_in_a_blank_and_a_quote_is_left_as_it_is()
    {
        var file = harness.Create("shop.db' ");

        Assert.Equal(file, (await CheckAsync(file)).Location);
    }

    [Theory]
    [InlineData("shop.db", "not a full path")]
    [InlineData("./data/shop.db", "not a full path")]
    [InlineData("file:///var/lib/shop.db?mode=ro", "URI")]
    [InlineData("file:shop.db", "URI")]
    [InlineData("~nobody/shop.db", "not a full path")]
    public async Task What_is_not_a_full_path_is_refused_in_words(string typed, string says)
    {
        Assert.Contains(says, await RefusalAsync(typed), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tilde_means_the_home_of_the_dashboard()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

        Assert.Contains(home, await RefusalAsync("~/no-such-folder/shop.db"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_offers_the_databases_in_it()
    {
        var file = harness.Create("shop.db");

        var refusal = await RefusalAsync(harness.LiveFolder);

        Assert.Contains("folder", refusal, StringComparison.Ordinal);
        Assert.Contains(file, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_folder_is_named_with_the_part_that_is_right()
    {
        var refusal = await RefusalAsync(Path.Combine(harness.LiveFolder, "missing", "deep", "shop.db"));

        Assert.Contains($"There is no folder missing in {harness.LiveFolder}.", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_where_a_folder_should_be_is_named()
    {
        var file = harness.Create("shop.db");

        Assert.Contains($"{file} is a file", await RefusalAsync(Path.Combine(file, "shop.db")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_offers_the_one_that_may_be_meant()
    {
        var file = harness.Create("Shop.sqlite");

        Assert.Contains($"Did you mean {file}?", await RefusalAsync(Path.Combine(harness.LiveFolder, "shop.db")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-wal", "write-ahead log")]
    [InlineData("-shm", "shared memory")]
    [InlineData("-journal", "rollback journal")]
    public async Task A_sidecar_leads_to_its_database(string suffix, string title)
    {
        var file = harness.Create("shop.db");
        await File.WriteAllBytesAsync(file + suffix, [], Now);

        var refusal = await RefusalAsync(file + suffix);

        Assert.Contains(title, refusal, StringComparison.Ordinal);
        Assert.Contains($"Type {file}.", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_called_like_a_sidecar_of_nothing_is_good()
    {
        Assert.Equal(LocationVerdict.Good, (await CheckAsync(harness.Create("great-wal"))).Verdict);
    }

    [Fact]
    public async Task Links_are_resolved_also_in_the_middle_of_the_path()
    {
        var file = harness.Create("shop.db");
        var folder = harness.NewFile("link-to-folder");
        Directory.CreateSymbolicLink(folder, harness.LiveFolder);
        File.CreateSymbolicLink(Path.Combine(harness.LiveFolder, "current.db"), file);

        var check = await CheckAsync(Path.Combine(folder, "current.db"));

        Assert.Equal(file, check.Location);
        Assert.Contains(check.Facts, fact => fact.Value == file);
    }

    [Fact]
    public async Task A_broken_link_names_what_it_points_to()
    {
        var link = harness.NewFile("broken.db");
        File.CreateSymbolicLink(link, "/no/such/file.db");

        Assert.Contains("/no/such/file.db", await RefusalAsync(link), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_file_is_refused()
    {
        var file = harness.NewFile("empty.db");
        await File.WriteAllBytesAsync(file, [], Now);

        Assert.Contains("0 bytes", await RefusalAsync(file), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Something_that_is_no_database_is_told_from_something_encrypted()
    {
        var text = harness.NewFile("letter.db");
        await File.WriteAllTextAsync(text, new string('x', 8192), Now);
        var encrypted = harness.NewFile("secret.db");
        var bytes = new byte[16_384];
        new Random(3).NextBytes(bytes);
        await File.WriteAllBytesAsync(encrypted, bytes, Now);

        Assert.Contains("not an SQLite database", await RefusalAsync(text), StringComparison.Ordinal);
        Assert.DoesNotContain("ncrypted", await RefusalAsync(text), StringComparison.Ordinal);
        Assert.Contains("encrypted", await RefusalAsync(encrypted), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_was_cut_off_is_refused_as_damaged()
    {
        var file = harness.Create("shop.db");
        await using (var stream = File.OpenWrite(file))
        {
            stream.SetLength(stream.Length / 2);
        }

        Assert.Contains("Damage found in", await RefusalAsync(file), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_with_a_damaged_page_can_be_registered_with_a_warning()
    {
        var file = harness.Create("shop.db");
        SqliteHarness.Overwrite(file, 200_000, 40_000);

        var check = await CheckAsync(file);

        Assert.Equal(LocationVerdict.Warning, check.Verdict);
        Assert.Contains("damaged", check.Headline, StringComparison.Ordinal);
        Assert.Equal(file, check.Location);
    }

    [Fact]
    public async Task A_pipe_a_socket_and_a_device_are_refused_at_once()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Pipes have names on Linux.");
        var pipe = harness.NewFile("pipe.db");
        using (var make = Process.Start("mkfifo", [pipe]))
        {
            await make.WaitForExitAsync(Now);
        }

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(harness.NewFile("socket.db")));

        Assert.Contains("not a file", await RefusalAsync(pipe), StringComparison.Ordinal);
        Assert.Contains("not a file", await RefusalAsync(harness.NewFile("socket.db")), StringComparison.Ordinal);
        Assert.Contains("not a file", await RefusalAsync("/dev/zero"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_only_disk_is_a_warning_that_says_what_will_not_work()
    {
        using var disk = new SmallDisk(16);
        var file = Path.Combine(disk.Folder, "shop.db");
        File.Copy(harness.Create("shop.db"), file);
        disk.MakeReadOnly();

        var check = await CheckAsync(file);

        Assert.Equal(LocationVerdict.Warning, check.Verdict);
        Assert.Contains("not restored", check.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Litestream_beside_it_is_a_note()
    {
        var file = harness.Create("shop.db");
        Directory.CreateDirectory(Path.Combine(harness.LiveFolder, ".shop.db-litestream"));

        var check = await CheckAsync(file);

        Assert.Contains(check.Facts, fact => fact.Label == "Litestream");
        Assert.Equal(LocationVerdict.Good, check.Verdict);
    }

    [Fact]
    public async Task A_writer_that_can_damage_a_wal_database_is_a_note()
    {
        var file = harness.Create("shop.db");
        await using (var stream = File.OpenWrite(file))
        {
            // SQLITE_VERSION_NUMBER of the last writer, big-endian: 3.40.1.
            stream.Position = 96;
            stream.Write([0x00, 0x2E, 0x63, 0x01]);
        }

        var check = await CheckAsync(file);

        Assert.Contains(check.Facts, fact => fact.Value.Contains("3.40.1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_database_that_somebody_holds_can_be_registered_and_its_holder_is_named()
    {
        await using var rollback = new SqliteHarness("delete");
        var file = rollback.Create("held.db");
        await using var holder = await OtherProcess.StartAsync("hold", file, "exclusive");

        var check = await rollback.Engine.CheckLocationAsync(file, Now);

        Assert.Equal(LocationVerdict.Warning, check.Verdict);
        Assert.Equal(file, check.Location);
        Assert.Contains(check.Facts, fact => fact.Label == "Lock" && fact.Value.Contains($"process {holder.Id}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("shop.db", "shop")]
    [InlineData("db.sqlite3", "live")]
    public async Task The_name_that_is_suggested_tells_databases_apart(string file, string name)
    {
        Assert.Equal(name, (await CheckAsync(harness.Create(file))).SuggestedName);
    }

    private Task<LocationCheck> CheckAsync(string typed) => harness.Engine.CheckLocationAsync(typed, Now);

    private async Task<string> RefusalAsync(string typed)
    {
        var check = await CheckAsync(typed);
        Assert.Equal(LocationVerdict.Refused, check.Verdict);
        return $"{check.Headline} {check.NextStep}";
    }
}

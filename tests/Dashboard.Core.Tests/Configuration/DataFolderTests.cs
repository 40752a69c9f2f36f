using Dashboard.Core.Configuration;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.Configuration;

public sealed class DataFolderTests : IDisposable
{
    private readonly string _folder = StoreFixture.NewFolder();

    [Fact]
    public void Only_one_has_it_at_a_time()
    {
        using var first = DataFolder.Open(_folder);

        var refused = Assert.Throws<DataFolderException>(() => DataFolder.Open(_folder));

        Assert.Equal($"Another dashboard is running on the data folder {_folder}. Stop it, or choose another folder with --data or Dashboard__DataFolder.", refused.Message);
    }

    [Fact]
    public void Whoever_closes_it_leaves_it_to_the_next()
    {
        DataFolder.Open(_folder).Dispose();

        using var second = DataFolder.Open(_folder);

        Assert.Equal(_folder, second.Path);
    }

    [Fact]
    public void It_is_created_for_its_owner_alone()
    {
        using var data = DataFolder.Open(Path.Combine(_folder, "deep", "er"));

        Assert.True(Directory.Exists(data.Path));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(data.Path));
        }
    }

    [Fact]
    public void A_file_in_its_place_is_refused_in_words()
    {
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");

        var refused = Assert.Throws<DataFolderException>(() => DataFolder.Open(file));

        Assert.StartsWith($"The data folder {file} can't be created:", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_has_just_ended_is_waited_for()
    {
        var first = DataFolder.Open(_folder);
        var hasWaited = false;

        using var second = DataFolder.Open(_folder, () =>
        {
            hasWaited = true;
            first.Dispose();
        });

        Assert.True(hasWaited);
    }

    [Fact]
    public void A_lock_that_can_not_be_made_is_not_blamed_on_another_dashboard()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "dashboard.lock"));

        var refused = Assert.Throws<DataFolderException>(() => DataFolder.Open(_folder));

        Assert.DoesNotContain("Another dashboard", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Backups_go_where_the_settings_say()
    {
        using var data = DataFolder.Open(_folder);

        Assert.Equal(Path.Combine(_folder, "backups"), data.BackupFolder(new DashboardOptions()));
        Assert.Equal("/srv/backups", data.BackupFolder(new DashboardOptions { BackupFolder = "/srv/backups" }));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

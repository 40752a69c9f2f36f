using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Tests.Home;
using Microsoft.Extensions.Configuration;

namespace Dashboard.Core.Tests.Configuration;

public sealed class SaveSettingsTests : IAsyncDisposable
{
    private readonly StoreFixture _home = new();
    private readonly House _house;

    public SaveSettingsTests() => _house = new House(_home);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_saved_is_what_the_next_start_reads()
    {
        var folder = Path.Combine(_home.Folder, "nas", "backups");

        await Assert.ThrowsAsync<FolderConsentException>(() => SaveAsync(new Settings($" {folder}/ ", Compression.Small, 48, 60)));
        Assert.False(Directory.Exists(folder));
        await SaveAsync(new Settings($" {folder}/ ", Compression.Small, 48, 60), FolderConsent.Create);

        var read = Read();
        Assert.Equal((folder, Compression.Small, 48, 60), (read.BackupFolder, read.Compression, read.UndoHours, read.TrashDays));
        Assert.Equal([Path.Combine(folder, BackupPlaces.MarkerName)], Directory.EnumerateFileSystemEntries(folder));
    }

    [Fact]
    public async Task No_folder_is_the_one_in_the_data_folder()
    {
        await SaveAsync(new Settings("  ", Compression.Fast, 24, 30));

        Assert.Equal("", Read().BackupFolder);
    }

    [Theory]
    [InlineData("""{ "Dashboard": { "Workers": 4, "UndoHours": 1 }, "Logging": { "LogLevel": { "Default": "Debug" } } }""")]
    [InlineData("""{ "dashboard": { "workers": 4, "undoHours": 1 }, "logging": { "logLevel": { "default": "Debug" } } }""")]
    [InlineData("""{ "Dashboard": { "Workers": 4 }, "Dashboard:UndoHours": 1, "Logging:LogLevel:Default": "Debug" }""")]
    [InlineData("""
        {
          // By hand.
          "Dashboard": { "Workers": 4, },
          "Logging:LogLevel:Default": "Debug",
        }
        """)]
    public async Task What_somebody_wrote_there_by_hand_stays(string file)
    {
        await File.WriteAllTextAsync(_home.Data.SettingsFile, file, Cancel);

        await SaveAsync(new Settings(null, Compression.None, 12, 7));

        var read = Read();
        Assert.Equal((4, 12, 7, Compression.None), (read.Workers, read.UndoHours, read.TrashDays, read.Compression));
        Assert.Equal("Debug", Configuration()["Logging:LogLevel:Default"]);
    }

    [Theory]
    [InlineData("{ broken")]
    [InlineData("")]
    public async Task A_file_that_can_not_be_read_is_left_alone_and_named(string file)
    {
        await File.WriteAllTextAsync(_home.Data.SettingsFile, file, Cancel);

        var refused = await Assert.ThrowsAsync<DatabaseException>(() => SaveAsync(new Settings(null, Compression.None, 12, 7)));

        Assert.StartsWith($"The settings file {_home.Data.SettingsFile} can't be read:", refused.Message, StringComparison.Ordinal);
        Assert.Equal(file, await File.ReadAllTextAsync(_home.Data.SettingsFile, Cancel));
    }

    [Fact]
    public async Task Values_that_can_not_be_taken_change_nothing_and_are_all_named()
    {
        var refused = await Assert.ThrowsAsync<DatabaseException>(() => SaveAsync(new Settings(null, Compression.Fast, 0, 1000)));

        Assert.Equal("Dashboard:UndoHours must be hours from 1 to 720. Dashboard:TrashDays must be days from 1 to 365.", refused.Message);
        Assert.False(File.Exists(_home.Data.SettingsFile));
    }

    [Theory]
    [InlineData("backups")]
    [InlineData("./backups")]
    [InlineData("~/backups")]
    [InlineData("/srv/\0")]
    public void A_folder_that_is_no_full_path_is_refused(string folder) =>
        Assert.Throws<DatabaseException>(() => _house.Get<BackupPlaces>().Choose(folder, FolderConsent.Create));

    [Fact]
    public async Task A_file_is_no_folder()
    {
        var file = Path.Combine(_home.Folder, "file");
        await File.WriteAllTextAsync(file, "", Cancel);

        var refused = Assert.Throws<DatabaseException>(() => _house.Get<BackupPlaces>().Choose(file, FolderConsent.Create));

        Assert.StartsWith($"The folder {file} can't be written:", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_made_and_tried_and_marked()
    {
        var folder = Path.Combine(_home.Folder, "a", "b");
        var places = _house.Get<BackupPlaces>();

        Assert.Equal(folder, places.Choose(Path.Combine(_home.Folder, "a", "x", "..", "b"), FolderConsent.Create));

        Assert.Equal([Path.Combine(folder, BackupPlaces.MarkerName)], Directory.EnumerateFileSystemEntries(folder));
        Assert.Null(places.Choose(" ", FolderConsent.None));
    }

    [Fact]
    public async Task Only_who_may_edit_settings_does()
    {
        await Assert.ThrowsAsync<PermissionDeniedException>(() => _house.Get<SaveSettings>().SaveAsync(Actor.Schedule, new Settings(null, Compression.Fast, 24, 30), Cancel));
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }

    private Task SaveAsync(Settings settings, FolderConsent consent = FolderConsent.None) => _house.Get<SaveSettings>().SaveAsync(Actor.LocalAdministrator, settings, Cancel, consent);

    private DashboardOptions Read()
    {
        var options = new DashboardOptions();
        Configuration().GetSection(DashboardOptions.Section).Bind(options);
        return options;
    }

    /// <summary>As the host reads the file.</summary>
    private IConfigurationRoot Configuration()
    {
        using var file = File.OpenRead(_home.Data.SettingsFile);
        return new ConfigurationBuilder().AddJsonStream(file).Build();
    }
}

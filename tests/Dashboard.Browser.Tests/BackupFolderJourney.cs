using System.Net;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Dashboard.Browser.Tests;

/// <summary>The backup folder is the one that was set up; without its disk nothing is written in its place.</summary>
public sealed class BackupFolderJourney : Journey
{
    protected override (string Key, string Value)[] Settings => [("Sample", "false")];

    [Fact]
    public async Task It_is_asked_before_it_is_made_and_missed_when_its_disk_is_away()
    {
        var nas = Path.Combine(Folder, "nas", "backups");
        var page = await OpenAsync("/settings");
        var field = page.GetByLabel("Backup folder", new() { Exact = true });
        await Expect(page.Locator("[data-place]")).ToContainTextAsync("free");
        await Expect(page.Locator("[data-place]")).ToContainTextAsync("dashboard");

        await field.FillAsync("/");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByText("/ is a folder of the system.")).ToBeVisibleAsync();

        await field.FillAsync(nas);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByText($"The folder {nas} does not exist.")).ToBeVisibleAsync();
        Assert.False(Directory.Exists(nas));
        await AccessibleAsync(page, "a folder that does not exist");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create folder" }).ClickAsync();
        await Expect(page.GetByText("Saved.")).ToBeVisibleAsync();
        await Expect(page.Locator($"[data-place='{nas}']")).ToBeVisibleAsync();
        Assert.True(File.Exists(Path.Combine(nas, ".dashboard-backup-folder")));
        await ShowAsync(page, "settings-backup-folder");

        // The disk goes away: an empty mount point is left.
        Directory.Move(nas, nas + "-away");
        Directory.CreateDirectory(nas);
        var fleet = await OpenAsync("/");
        await Expect(fleet.Locator("[data-verdict]")).ToContainTextAsync("No backup can be taken.");
        await Expect(fleet.Locator("[data-verdict]")).ToContainTextAsync("Is its disk mounted?");
        await fleet.GetByRole(AriaRole.Button, new() { Name = "Back up dashboard now" }).ClickAsync();
        using var client = Server.Client();
        var ready = await client.GetAsync(new Uri("/health/ready", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("\"backup_folders\":false", await ready.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await GoAsync(page, "/settings");
        await Expect(page.GetByText("No backup can be taken.")).ToBeVisibleAsync();
        await AccessibleAsync(page, "a backup folder whose disk is away");
        await ShowAsync(page, "settings-backup-folder-away");
        await GoAsync(page, "/activity");
        await Expect(page.GetByText("is not the backup folder that was set up").First).ToBeVisibleAsync();
        Assert.Empty(Directory.EnumerateFileSystemEntries(nas));

        // And comes back.
        Directory.Delete(nas);
        Directory.Move(nas + "-away", nas);
        await Expect(fleet.Locator("[data-verdict]")).Not.ToContainTextAsync("No backup can be taken.");
        await fleet.GetByRole(AriaRole.Button, new() { Name = "Back up dashboard now" }).ClickAsync();
        await Expect(fleet.Locator("[data-verdict]")).ToContainTextAsync("backed up and checked");
        Assert.NotEmpty(Directory.EnumerateFiles(nas, "*.zst", SearchOption.AllDirectories));
        ConsoleIsClean();
    }
}

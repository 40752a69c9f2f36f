using Bunit;
using Dashboard.Core.Backups;
using Dashboard.Core.Configuration;
using Dashboard.Web.Features.Settings;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Dashboard.Web.Tests.Settings;

public sealed class SettingsPageTests : PagesWithRuns
{
    [Fact]
    public async Task Saves_what_was_chosen_into_the_settings_file()
    {
        var folder = Path.Combine(Folder, "elsewhere");
        var page = Show();

        page.Find("#settings-folder").Change(folder);
        page.Find("input[type=radio][value=Small]").Change("Small");
        page.Find("#settings-undo").Change("48");
        await page.Find("form").SubmitAsync();
        page.WaitForElement("[data-consent]");
        Assert.False(Directory.Exists(folder));
        await page.InvokeAsync(() => page.Find("[data-consent]").Click());

        page.WaitForAssertion(() => Assert.Contains("Saved.", page.Markup));
        var saved = Saved();
        Assert.Equal((folder, Compression.Small, 48, 30), (saved.BackupFolder, saved.Compression, saved.UndoHours, saved.TrashDays));
    }

    [Fact]
    public async Task Says_in_the_field_why_a_folder_can_not_be_taken_and_saves_nothing()
    {
        var page = Show();

        page.Find("#settings-folder").Change("backups/here");
        await page.Find("form").SubmitAsync();

        Assert.Contains("“backups/here” is not a full path.", page.Markup);
        Assert.False(File.Exists(Get<DataFolder>().SettingsFile));
    }

    [Fact]
    public async Task Says_in_the_field_which_hours_can_be_taken()
    {
        var page = Show();

        page.Find("#settings-undo").Change("0");
        await page.Find("form").SubmitAsync();

        Assert.Contains("Must be hours from 1 to 720.", page.Markup);
        Assert.False(File.Exists(Get<DataFolder>().SettingsFile));
    }

    [Fact]
    public void Shows_where_backups_go_and_offers_the_three_looks()
    {
        var page = Show();

        Assert.Contains(Get<DataFolder>().DefaultBackupFolder, page.Markup);
        Assert.Equal(["system", "light", "dark"], page.FindAll("[data-theme-set]").Select(button => button.GetAttribute("data-theme-set")));
        Assert.NotNull(page.Find("[data-letter-keys] input"));
    }

    private IRenderedComponent<SettingsPage> Show() => Render<SettingsPage>();

    private DashboardOptions Saved() => new ConfigurationBuilder().AddJsonFile(Get<DataFolder>().SettingsFile).Build().GetSection(DashboardOptions.Section).Get<DashboardOptions>()!;
}

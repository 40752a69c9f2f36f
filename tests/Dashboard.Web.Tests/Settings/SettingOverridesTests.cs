using Bunit;
using Dashboard.Core.Configuration;
using Dashboard.Web.Features.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Dashboard.Web.Tests.Settings;

public sealed class SettingOverridesTests : PagesWithRuns
{
    private const string Prefix = "SETTING_OVERRIDES_TESTS_";

    public SettingOverridesTests()
    {
        Environment.SetEnvironmentVariable(Prefix + "Dashboard__UndoHours", "72");
        Services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Dashboard:UndoHours"] = "12" })
            .AddEnvironmentVariables(Prefix)
            .Build());
    }

    [Fact]
    public async Task Leaves_alone_what_the_environment_sets_and_does_not_write_it_down()
    {
        var page = Render<SettingsPage>();
        Assert.True(page.Find("#settings-undo").HasAttribute("disabled"));
        Assert.False(page.Find("#settings-trash").HasAttribute("disabled"));
        Assert.Contains("The environment (Dashboard__UndoHours) sets this", page.Markup);

        page.Find("#settings-trash").Change("60");
        await page.Find("form").SubmitAsync();

        var saved = new ConfigurationBuilder().AddJsonFile(Get<DataFolder>().SettingsFile).Build().GetSection(DashboardOptions.Section).Get<DashboardOptions>()!;
        Assert.Equal((12, 60), (saved.UndoHours, saved.TrashDays));
    }
}

using Bunit;
using Dashboard.Web.Features.Fleet;
using Xunit;

namespace Dashboard.Web.Tests.Fleet;

public sealed class FleetPageTests : Pages
{
    [Fact]
    public void Offers_to_add_the_first_database_when_there_is_none()
    {
        var page = Render<FleetPage>();

        page.WaitForAssertion(() => Assert.Contains("No database is registered yet.", page.Markup));
    }

    [Fact]
    public async Task Names_the_database_that_has_no_backup()
    {
        await AddDatabaseAsync("shop");

        var page = Render<FleetPage>();

        page.WaitForAssertion(() => Assert.Equal("shop: It has no checked backup yet.", page.Find("[data-verdict]").TextContent));
    }
}

using Dashboard.Web.Hosting;
using Xunit;

namespace Dashboard.Web.Tests.Hosting;

public sealed class ViewerTests
{
    private readonly Viewer _viewer = new();

    [Fact]
    public void Takes_over_the_zone_of_the_browser()
    {
        _viewer.UseZone("Asia/Tokyo");

        Assert.Equal("Asia/Tokyo", _viewer.Zone.Id);
    }

    [Fact]
    public void Another_name_of_the_same_zone_is_no_other_zone()
    {
        _viewer.UseZone("Asia/Kolkata");

        _viewer.UseZone("Asia/Calcutta");

        Assert.Equal("Asia/Kolkata", _viewer.Zone.Id);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Mars/Olympus_Mons")]
    public void A_zone_that_nobody_knows_changes_nothing(string? id)
    {
        var before = _viewer.Zone;

        _viewer.UseZone(id);

        Assert.Equal(before, _viewer.Zone);
    }
}

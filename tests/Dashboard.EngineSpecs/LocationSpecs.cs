using Dashboard.Core.Databases;
using Xunit;

namespace Dashboard.EngineSpecs;

public abstract class LocationSpecs(EngineHarness harness) : EngineSpec(harness)
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_good_location_can_be_used_as_it_is_returned()
    {
        var location = await Harness.CreateAsync();

        var check = await Engine.CheckLocationAsync(location, Now);

        Assert.Equal(LocationVerdict.Good, check.Verdict);
        Assert.NotNull(check.SuggestedName);
        Assert.NotEmpty(check.Facts);
        await Engine.ReadStateAsync(check.Location!, Now);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \t\n ")]
    [InlineData("\0")]
    [InlineData("x")]
    [InlineData("../../etc/passwd")]
    [InlineData("postgresql://user:secret@host/db")]
    [InlineData("'; DROP TABLE databases; --")]
    public async Task Nonsense_is_refused_with_a_next_step(string location)
    {
        var check = await Engine.CheckLocationAsync(location, Now);

        Assert.Equal(LocationVerdict.Refused, check.Verdict);
        Assert.Null(check.Location);
        Assert.NotEmpty(check.Headline);
        Assert.False(string.IsNullOrEmpty(check.NextStep));
    }

    [Fact]
    public async Task A_missing_database_is_refused()
    {
        Assert.Equal(LocationVerdict.Refused, (await Engine.CheckLocationAsync(Harness.Nowhere, Now)).Verdict);
    }

    [Fact]
    public async Task An_unreadable_database_is_refused()
    {
        var location = await Harness.CreateAsync();
        await Harness.DestroyAsync(location);

        Assert.Equal(LocationVerdict.Refused, (await Engine.CheckLocationAsync(location, Now)).Verdict);
    }
}

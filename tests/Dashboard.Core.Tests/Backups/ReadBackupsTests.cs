using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.Backups;

public sealed class ReadBackupsTests : IDisposable
{
    private readonly StoreFixture _home = new();

    public void Dispose() => _home.Dispose();

    [Theory]
    [InlineData("", 2)]
    [InlineData("shop", 1)]
    [InlineData("SHOP", 1)]
    [InlineData("aDmInIsTrAtOr", 2)]
    [InlineData("shop local", 1)]
    [InlineData("100%", 1)]
    [InlineData("%", 1)]
    [InlineData("sh_p", 0)]
    [InlineData("s%p", 0)]
    [InlineData("\\", 0)]
    [InlineData("no such", 0)]
    public async Task A_search_finds_words_in_any_case_and_takes_signs_as_they_are(string words, int found)
    {
        await using var house = await new House(_home).StartAsync();
        await house.BackUpAsync(await house.RegisterAsync("Shop", "orders 1"));
        await house.BackUpAsync(await house.RegisterAsync("Blog 100%", "posts 1"));

        var (backups, total) = await house.Get<ReadBackups>().ListAsync(Actor.LocalAdministrator, null, deleted: false, 0, 10, TestContext.Current.CancellationToken, words);

        Assert.Equal((found, found), (backups.Count, total));
    }
}

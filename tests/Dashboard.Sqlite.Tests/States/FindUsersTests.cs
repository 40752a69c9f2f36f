using Dashboard.Sqlite.Tests.Faults;
using Xunit;

namespace Dashboard.Sqlite.Tests.States;

public sealed class FindUsersTests
{
    [Fact]
    public async Task Another_process_is_found_by_name_and_number_and_we_are_not()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells who has a file open.");
        await using var harness = new SqliteHarness();
        var file = harness.Create("shop.db");
        using var ours = SqliteHarness.Open(file);
        SqliteHarness.Texts(ours, "SELECT COUNT(*) FROM orders");
        Assert.Empty((await harness.Engine.FindUsersAsync(file, TestContext.Current.CancellationToken))!);

        await using var holder = await OtherProcess.StartAsync("hold", file, "read");
        var users = await harness.Engine.FindUsersAsync(file, TestContext.Current.CancellationToken);

        var user = Assert.Single(users!);
        Assert.Equal(holder.Id, user.ProcessId);
        Assert.Contains("dotnet", user.Name, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_process_that_holds_a_file_of_this_name_that_is_gone_is_found_too()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells who has a file open.");
        await using var harness = new SqliteHarness();
        var file = harness.Create("shop.db");
        await using var holder = await OtherProcess.StartAsync("hold", file, "read");

        File.Delete(file);

        Assert.Single((await harness.Engine.FindUsersAsync(file, TestContext.Current.CancellationToken))!);
    }
}

using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Tests.Fakes;

namespace Dashboard.Core.Tests.Jobs;

public sealed class FaultWordsTests
{
    [Fact]
    public void A_database_speaks_for_itself() =>
        Assert.Equal(("It is locked.", "Wait."), FaultWords.Of(new DatabaseBusyException("It is locked.", "Wait.")));

    [Theory]
    [InlineData(28)]
    [InlineData(122)]
    [InlineData(unchecked((int)0x80070070))]
    public void A_full_disk_is_named_whatever_the_platform_calls_it(int result)
    {
        var (problem, nextStep) = FaultWords.Of(new IOException("Bang.", result));

        Assert.Equal("There is no space left on the disk: Bang.", problem);
        Assert.Contains("Free some space", nextStep, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_that_really_happened_is_known()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "Only Linux has a disk that is always full.");
        var fault = Assert.Throws<IOException>(() =>
        {
            using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write);
            full.Write(new byte[1 << 16]);
            full.Flush();
        });

        Assert.True(FaultWords.IsNoSpace(fault));
    }

    [Fact]
    public void Another_fault_of_a_disk_is_not_called_full()
    {
        Assert.False(FaultWords.IsNoSpace(new IOException("Input/output error", 5)));
        Assert.Equal("Input/output error", FaultWords.Of(new IOException("Input/output error", 5)).Problem);
    }

    [Fact]
    public void A_refusal_of_the_system_says_as_whom_we_run() =>
        Assert.Contains(Environment.UserName, FaultWords.Of(new UnauthorizedAccessException("Access to '/x' is denied.")).Problem, StringComparison.Ordinal);

    [Fact]
    public void A_surprise_is_called_a_fault_of_the_dashboard()
    {
        var (problem, nextStep) = FaultWords.Of(new InvalidOperationException("Oops."));

        Assert.Equal("Oops. (InvalidOperationException)", problem);
        Assert.Contains("fault of the dashboard", nextStep, StringComparison.Ordinal);
    }

    [Fact]
    public void The_fake_disk_is_as_full_as_a_real_one() => Assert.True(FaultWords.IsNoSpace(FullDisk.Words()));
}

using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Tools;
using Npgsql;
using Xunit;

namespace Dashboard.Postgres.Tests.Tools;

public sealed class RunToolTests
{
    private const string Canary = "Ca:na\\ry 4711";

    /// <summary>Whoever may list processes sees their arguments, and their owner their environment.</summary>
    [Fact]
    public async Task A_password_reaches_a_program_by_a_private_file_alone_which_is_gone_with_it()
    {
        var passFile = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.pass");
        var target = new ToolTarget(new PostgresLocation("localhost", 1, "shop", "keeper", SslMode.Disable, null), "shop", Canary, ToolTarget.NewApplication("test"));

        using (var tool = RunTool.Start(new FindTools(null).Newest(), "pg_dump", ["--schema-only"], target, passFile))
        {
            var start = tool.Process.StartInfo;
            Assert.Contains(start.ArgumentList, argument => argument.Contains("user='keeper'", StringComparison.Ordinal));
            Assert.DoesNotContain(start.ArgumentList.Concat(start.Environment.Values), value => value?.Contains(Canary, StringComparison.Ordinal) == true);
            Assert.Equal("*:*:*:keeper:Ca\\:na\\\\ry 4711\n", await File.ReadAllTextAsync(passFile, TestContext.Current.CancellationToken));
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(passFile));
            }

            Assert.NotEqual(0, await tool.WaitAsync(TestContext.Current.CancellationToken));
            Assert.DoesNotContain(tool.Said, line => line.Contains(Canary, StringComparison.Ordinal));
        }

        Assert.False(File.Exists(passFile));
    }
}

using System.Diagnostics;
using Xunit;

namespace Dashboard.Web.Tests.Hosting;

/// <summary>Starts that can't be made: each ends with a sentence and exit code 1.</summary>
public sealed class StartTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dashboard-start-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Names_every_setting_that_makes_no_sense()
    {
        var (code, words) = await StartAsync(("Dashboard__Workers", "99"), ("Dashboard__UndoHours", "0"), ("Dashboard__BackupFolder", "not/a/full/path"));

        Assert.Equal(1, code);
        Assert.Contains("Dashboard:Workers must be", words, StringComparison.Ordinal);
        Assert.Contains("Dashboard:UndoHours must be", words, StringComparison.Ordinal);
        Assert.Contains("Dashboard:BackupFolder must be", words, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_data_folder_that_another_process_has()
    {
        await using var held = new FileStream(Path.Combine(_folder.FullName, "dashboard.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

        var (code, words) = await StartAsync();

        Assert.Equal(1, code);
        Assert.Contains($"Another dashboard is running on the data folder {_folder.FullName}", words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_so_when_its_address_is_taken()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();

        var (code, words) = await StartAsync(("ASPNETCORE_URLS", $"http://{listener.LocalEndpoint}"));

        Assert.Equal(1, code);
        Assert.Contains("choose another address with --urls", words, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", words, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Words)> StartAsync(params (string Key, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(typeof(Program).Assembly.Location);
        start.ArgumentList.Add("--data");
        start.ArgumentList.Add(_folder.FullName);
        start.Environment["Dashboard__Sample"] = "false";
        start.Environment["Logging__LogLevel__Default"] = "None";
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + error);
    }
}

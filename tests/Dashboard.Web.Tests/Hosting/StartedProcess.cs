using System.Diagnostics;
using Xunit;

namespace Dashboard.Web.Tests.Hosting;

/// <summary>The program as it is started by hand, for starts that end by themselves.</summary>
internal static class StartedProcess
{
    public static async Task<(int Code, string Words)> RunAsync(string dataFolder, string[] arguments, params (string Key, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(typeof(Program).Assembly.Location);
        foreach (var argument in (string[])[.. arguments, "--data", dataFolder])
        {
            start.ArgumentList.Add(argument);
        }

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

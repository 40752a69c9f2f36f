using System.Diagnostics;

namespace Dashboard.Sqlite.Tests.Faults;

/// <summary>An application of its own process on the same database: tests/Dashboard.Workload.</summary>
internal sealed class OtherProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly Task<string> errors;

    private OtherProcess(Process process)
    {
        this.process = process;
        errors = process.StandardError.ReadToEndAsync();
    }

    public int Id => process.Id;

    /// <summary>Starts it and waits until it is at work.</summary>
    public static async Task<OtherProcess> StartAsync(params string[] arguments)
    {
        var started = new OtherProcess(Process.Start(Command(arguments))!);
        var line = await started.process.StandardOutput.ReadLineAsync();
        return line == "ready" ? started : throw new InvalidOperationException($"{string.Join(' ', arguments)}: {line} {await started.errors}");
    }

    public static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(Command(arguments))!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output.Trim());
    }

    /// <summary>Tells it that it is enough; returns its last line. Fails when what it saw was wrong.</summary>
    public async Task<string> EndAsync()
    {
        await process.StandardInput.WriteLineAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output.Trim() : throw new InvalidOperationException($"{output} {await errors}");
    }

    public void Kill() => process.Kill();

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static ProcessStartInfo Command(string[] arguments) => new("dotnet", [Path.Combine(AppContext.BaseDirectory, "Dashboard.Workload.dll"), .. arguments])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };
}

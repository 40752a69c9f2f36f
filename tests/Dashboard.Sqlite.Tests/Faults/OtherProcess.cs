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
    public static Task<OtherProcess> StartAsync(params string[] arguments) => StartAsync(Command(arguments), arguments);

    /// <summary>The same in a container of its own: mounts that only it has.</summary>
    public static Task<OtherProcess> StartWithMountAsync(string source, string point, params string[] arguments) =>
        StartAsync(Command("unshare", ["-m", "sh", "-c", "mount --bind \"$0\" \"$1\" && shift && exec dotnet \"$@\"", source, point, Program, .. arguments]), arguments);

    private static async Task<OtherProcess> StartAsync(ProcessStartInfo command, string[] arguments)
    {
        var started = new OtherProcess(Process.Start(command)!);
        var line = await started.process.StandardOutput.ReadLineAsync();
        return line == "ready" ? started : throw new InvalidOperationException($"{string.Join(' ', arguments)}: {line} {await started.errors}");
    }

    public static Task<(int ExitCode, string Output)> RunAsync(params string[] arguments) => RunAsync(Command(arguments));

    /// <summary>Through another program: one that changes the user, or what can be seen.</summary>
    public static Task<(int ExitCode, string Output)> RunThroughAsync(string[] through, params string[] arguments) =>
        RunAsync(Command(through[0], [.. through[1..], "dotnet", Program, .. arguments]));

    private static async Task<(int ExitCode, string Output)> RunAsync(ProcessStartInfo command)
    {
        using var process = Process.Start(command)!;
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

    private static string Program => Path.Combine(AppContext.BaseDirectory, "Dashboard.Workload.dll");

    private static ProcessStartInfo Command(string[] arguments) => Command("dotnet", [Program, .. arguments]);

    private static ProcessStartInfo Command(string program, string[] arguments) => new(program, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };
}

using System.Diagnostics;

namespace Dashboard.Trials;

/// <summary>An application of its own on a database: tests/Dashboard.Workload.</summary>
internal sealed class OtherProcess : IDisposable
{
    private readonly Process _process;
    private readonly string _what;

    private OtherProcess(Process process, string what)
    {
        _process = process;
        _what = what;
    }

    /// <summary>Starts it and waits until it is at work.</summary>
    public static async Task<OtherProcess> StartAsync(params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Dashboard.Workload.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var started = new OtherProcess(process, string.Join(' ', arguments));
        var line = await process.StandardOutput.ReadLineAsync();
        return line == "ready" ? started : throw new InvalidOperationException($"{started._what}: {line}");
    }

    /// <summary>Null while it works; what it said when it has ended before its time.</summary>
    public async Task<string?> FindEndAsync() => _process.HasExited ? $"{_what} has ended: {await _process.StandardOutput.ReadToEndAsync()}" : null;

    /// <summary>Tells it that it is enough. Whether what it saw was right, and its last line.</summary>
    public async Task<(bool IsGood, string Words)> EndAsync()
    {
        if (!_process.HasExited)
        {
            await _process.StandardInput.WriteLineAsync();
        }

        var words = await _process.StandardOutput.ReadToEndAsync();
        await _process.WaitForExitAsync();
        return (_process.ExitCode == 0, words.Trim());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}

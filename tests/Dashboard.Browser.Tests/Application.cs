using System.Diagnostics;
using System.Globalization;

namespace Dashboard.Browser.Tests;

/// <summary>Somebody's application in a process of its own, writing to or reading from a ledger; see tests/Dashboard.Workload.</summary>
internal sealed class Application : IAsyncDisposable
{
    private readonly Process _process;

    private Application(Process process) => _process = process;

    public static Task CreateAsync(string file, string journal, int fillerRows) => DoAsync("create", file, journal, fillerRows.ToString(CultureInfo.InvariantCulture));

    public static Task<int> CheckAsync(string file) => DoAsync("check", file);

    public static Task<Application> WriteAsync(string file, int transactionsPerSecond, string log) => BeginAsync("writer", file, transactionsPerSecond.ToString(CultureInfo.InvariantCulture), "600", log);

    public static Task<Application> ReadAsync(string file) => BeginAsync("reader", file, "600");

    /// <summary>Tells it to stop; 0 when its invariant held all the time.</summary>
    public async Task<int> EndAsync()
    {
        await _process.StandardInput.WriteLineAsync();
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static async Task<Application> BeginAsync(params string[] words)
    {
        var process = Start(words);
        while (await process.StandardOutput.ReadLineAsync() is { } line && line != "ready")
        {
        }

        return new Application(process);
    }

    private static async Task<int> DoAsync(params string[] words)
    {
        using var process = Start(words);
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private static Process Start(string[] words)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Dashboard.Workload.dll"));
        foreach (var word in words)
        {
            start.ArgumentList.Add(word);
        }

        return Process.Start(start)!;
    }
}

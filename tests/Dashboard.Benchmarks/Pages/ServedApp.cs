using System.Diagnostics;
using System.Globalization;
using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Dashboard.Benchmarks.Pages;

/// <summary>A published web application in a process of its own: the product, the plain page or the empty server, all started alike.</summary>
internal sealed class ServedApp : IAsyncDisposable
{
    private const int KibPerMib = 1024;
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output;
    private readonly NamedPipeClientStream? _pipe;
    private StreamReader? _answers;
    private StreamWriter? _questions;

    private ServedApp(Process process, StringBuilder output, string address, NamedPipeClientStream? pipe)
    {
        _process = process;
        _output = output;
        _pipe = pipe;
        Address = address;
    }

    public string Address { get; }

    public required WayIn WayIn { get; init; }

    /// <summary>From the start of the process to the end of its first answer.</summary>
    public required Cost ColdStart { get; init; }

    /// <summary>Starts it and returns once its first page has come in full.</summary>
    public static Task<ServedApp> StartAsync(string assembly, params string[] arguments) => StartAsync(assembly, arguments, "/", pipe: null);

    /// <summary>The same with another first request.</summary>
    public static Task<ServedApp> StartAndAskAsync(string path, string assembly, params string[] arguments) => StartAsync(assembly, arguments, path, pipe: null);

    /// <summary>The same with <see cref="StartupHook"/> in it, so that it can be asked for its heap and renders.</summary>
    public static async Task<ServedApp> StartWatchedAsync(string assembly, params string[] arguments)
    {
        var name = $"dashboard-benchmarks-{Guid.NewGuid():N}";
        var app = await StartAsync(assembly, arguments, "/", new NamedPipeClientStream(".", name, PipeDirection.InOut, PipeOptions.Asynchronous), name);
        await app._pipe!.ConnectAsync();
        app._answers = new StreamReader(app._pipe);
        app._questions = new StreamWriter(app._pipe) { AutoFlush = true };
        return app;
    }

    /// <summary>Managed bytes that are reachable, after a full collection.</summary>
    public async Task<double> HeapMibAsync() => double.Parse(await AskAsync(StartupHook.Heap), CultureInfo.InvariantCulture) / KibPerMib / KibPerMib;

    /// <summary>When it began each batch of rendering since the last call, in unix milliseconds.</summary>
    public async Task<IReadOnlyList<double>> RendersAsync() =>
        [.. (await AskAsync(StartupHook.Renders)).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(at => double.Parse(at, CultureInfo.InvariantCulture))];

    /// <summary>Memory that the process occupies.</summary>
    public double ResidentMib()
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / KibPerMib;
    }

    /// <summary>SIGTERM, as a service manager sends it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _pipe?.Dispose();
    }

    private static async Task<ServedApp> StartAsync(string assembly, string[] arguments, string path, NamedPipeClientStream? pipe, string? pipeName = null)
    {
        var endpoint = FreePort();
        var address = $"http://127.0.0.1:{endpoint.Port}";
        var start = new ProcessStartInfo("dotnet", [assembly, .. arguments, "--urls", address]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetDirectoryName(assembly) };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        start.Environment["Dashboard__Sample"] = "false";
        if (pipeName is not null)
        {
            start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location;
            start.Environment[StartupHook.PipeVariable] = pipeName;
        }

        using var client = new HttpClient();
        var began = Stopwatch.GetTimestamp();
        var process = new Process { StartInfo = start };
        process.Start();
        var output = new StringBuilder();
        process.OutputDataReceived += (_, line) => Remember(output, line.Data);
        process.ErrorDataReceived += (_, line) => Remember(output, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await ListensAsync(process, endpoint, output);
        var folder = Array.IndexOf(arguments, "--data");
        var wayIn = await WayIn.ReadAsync(folder < 0 ? null : arguments[folder + 1]);
        wayIn.AddTo(client);
        using var answer = await client.GetAsync(address + path);
        answer.EnsureSuccessStatusCode();
        return new ServedApp(process, output, address, pipe) { WayIn = wayIn, ColdStart = new Cost(Stopwatch.GetElapsedTime(began).TotalSeconds, process.TotalProcessorTime.TotalSeconds) };
    }

    /// <summary>A refused connection costs next to nothing; a request that has to be made again would.</summary>
    private static async Task ListensAsync(Process process, IPEndPoint endpoint, StringBuilder output)
    {
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < StartPatience && !process.HasExited)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(endpoint);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(Glance);
            }
        }

        lock (output)
        {
            throw new InvalidOperationException($"{process.StartInfo.ArgumentList[0]} did not start:\n{output}");
        }
    }

    private static IPEndPoint FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }

    private static void Remember(StringBuilder output, string? line)
    {
        lock (output)
        {
            output.AppendLine(line);
        }
    }

    private async Task<string> AskAsync(string question)
    {
        await _questions!.WriteLineAsync(question);
        return await _answers!.ReadLineAsync() ?? throw new InvalidOperationException($"The server ended:\n{_output}");
    }
}

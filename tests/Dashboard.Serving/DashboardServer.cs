using System.Diagnostics;
using System.Text;

namespace Dashboard.Serving;

/// <summary>The real server in a process of its own, over a data folder of its own, so that it can be killed like one.</summary>
public sealed class DashboardServer : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, string> _settings;
    private readonly StringBuilder _output = new();
    private Process? _process;
    private string _port = "0";

    private DashboardServer(string dataFolder, Dictionary<string, string> settings)
    {
        DataFolder = dataFolder;
        _settings = settings;
    }

    public string DataFolder { get; }

    public string StoreFile => Path.Combine(DataFolder, "dashboard.db");

    /// <summary>"http://localhost:40123", the same after a restart.</summary>
    public string Address { get; private set; } = "";

    /// <summary>The link that lets a browser in, as it was printed last.</summary>
    public string OpenLink { get; private set; } = "";

    /// <summary>What stands behind the # of the link.</summary>
    public string Token => OpenLink[(OpenLink.IndexOf('#', StringComparison.Ordinal) + 1)..];

    /// <summary>Name and value of the cookie that the link makes; it outlives the process.</summary>
    public (string Name, string Value) Cookie { get; private set; }

    /// <summary>All that it printed, over all its lives.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("The server is not running.");

    /// <summary>Starts it and returns once it answers.</summary>
    /// <param name="settings">Keys of the section "Dashboard": "Sample" = "false".</param>
    public static async Task<DashboardServer> StartAsync(string dataFolder, params (string Key, string Value)[] settings)
    {
        var server = new DashboardServer(dataFolder, settings.ToDictionary(setting => setting.Key, setting => setting.Value));
        await server.StartAsync();
        return server;
    }

    /// <summary>Starts it again on the same address and folder.</summary>
    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Dashboard.Web.dll"));
        start.ArgumentList.Add("--urls");
        start.ArgumentList.Add($"http://127.0.0.1:{_port}");
        start.ArgumentList.Add("--data");
        start.ArgumentList.Add(DataFolder);
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        foreach (var (key, value) in _settings)
        {
            start.Environment[$"Dashboard__{key}"] = value;
        }

        var printed = "";
        var answered = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) =>
        {
            Remember(line.Data);
            if (line.Data?.StartsWith("Dashboard ", StringComparison.Ordinal) == true)
            {
                printed = line.Data["Dashboard ".Length..].Trim();
            }
            else if (line.Data?.StartsWith("Open ", StringComparison.Ordinal) == true)
            {
                OpenLink = line.Data["Open ".Length..].Trim();
                answered.TrySetResult(printed);
            }
        };
        process.ErrorDataReceived += (_, line) => Remember(line.Data);
        process.Exited += (_, _) => answered.TrySetException(new InvalidOperationException($"The server ended at once:\n{Output}"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;

        var address = await answered.Task.WaitAsync(StartPatience);
        _port = new Uri(address).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Address = $"http://localhost:{_port}";
        if (Cookie.Name is null)
        {
            Cookie = await MakeCookieAsync();
        }
    }

    /// <summary>A client that was let in.</summary>
    public HttpClient Client()
    {
        var client = new HttpClient { BaseAddress = new Uri(Address) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        return client;
    }

    /// <summary>As the page behind the link does it.</summary>
    private async Task<(string Name, string Value)> MakeCookieAsync()
    {
        using var client = new HttpClient();
        using var body = new StringContent(Token);
        using var answer = await client.PostAsync(new Uri(OpenLink[..OpenLink.IndexOf('#', StringComparison.Ordinal)]), body);
        answer.EnsureSuccessStatusCode();
        var cookie = answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0].Split('=', 2);
        return (cookie[0], cookie[1]);
    }

    /// <summary>kill -9: no handler runs, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
            _process = null;
        }
    }

    /// <summary>SIGTERM, as a service manager sends it; returns the exit code.</summary>
    public async Task<int> StopAsync()
    {
        if (_process is not { } process)
        {
            return 0;
        }

        using (var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        await process.WaitForExitAsync();
        var code = process.ExitCode;
        process.Dispose();
        _process = null;
        return code;
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private void Remember(string? line)
    {
        if (line is not null)
        {
            lock (_output)
            {
                _output.AppendLine(line);
            }
        }
    }
}

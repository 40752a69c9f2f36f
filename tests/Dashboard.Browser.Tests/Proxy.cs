using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Dashboard.Browser.Tests;

/// <summary>A real reverse proxy on this machine before the dashboard, with the fewest words its documentation needs for it.</summary>
internal sealed class Proxy : IAsyncDisposable
{
    private readonly Process _process;

    private Proxy(Process process, string address) => (_process, Address) = (process, address);

    public string Address { get; }

    /// <summary><c>proxy_pass</c> and nothing else: nginx then asks under the name that stands there and adds no header.</summary>
    public static async Task<Proxy> NginxAsync(string folder, string target)
    {
        var port = FreePort();
        var home = Directory.CreateDirectory(Path.Combine(folder, "nginx")).FullName;
        var settings = Path.Combine(home, "nginx.conf");
        await File.WriteAllTextAsync(settings,
            $$"""
            daemon off;
            pid {{home}}/nginx.pid;
            error_log {{home}}/error.log;
            events { }
            http {
                access_log off;
                client_body_temp_path {{home}}/body;
                proxy_temp_path {{home}}/proxy;
                fastcgi_temp_path {{home}}/fastcgi;
                uwsgi_temp_path {{home}}/uwsgi;
                scgi_temp_path {{home}}/scgi;
                server {
                    listen 127.0.0.1:{{port}};
                    location / { proxy_pass {{target}}; }
                }
            }
            """);
        return await StartAsync("nginx", ["-c", settings, "-p", home], port, home);
    }

    /// <summary><c>reverse_proxy</c> and nothing else: Caddy keeps the name that was asked for and adds X-Forwarded-For, -Host and -Proto.</summary>
    public static async Task<Proxy> CaddyAsync(string folder, string target)
    {
        var port = FreePort();
        var settings = Path.Combine(folder, "Caddyfile");
        await File.WriteAllTextAsync(settings,
            $$"""
            {
                admin off
            }
            http://:{{port}} {
                bind 127.0.0.1
                reverse_proxy {{target}}
            }
            """);
        return await StartAsync("caddy", ["run", "--config", settings, "--adapter", "caddyfile"], port, folder);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static async Task<Proxy> StartAsync(string program, string[] arguments, int port, string home)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["PATH"] = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/usr/local/sbin";
        start.Environment["XDG_DATA_HOME"] = start.Environment["XDG_CONFIG_HOME"] = home;
        var process = new Process { StartInfo = start };
        process.Start();
        var error = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port, patience.Token);
                return new Proxy(process, $"http://127.0.0.1:{port}");
            }
            catch (SocketException) when (!process.HasExited)
            {
                await Task.Delay(20, patience.Token);
            }
            catch (SocketException)
            {
                throw new InvalidOperationException($"{program} did not start: {await error}");
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Dashboard.Core.Databases;

namespace Dashboard.Core.Health;

/// <summary>Asks an HTTP service once, without following it elsewhere. What it says is compared and never shown.</summary>
public sealed class AskService : IDisposable
{
    /// <summary>In which the text is looked for; a longer answer is no sign of health.</summary>
    private const int MostBytes = 1 << 20;

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        PooledConnectionLifetime = TimeSpan.Zero,
        ConnectCallback = ConnectAsync,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public async Task<HealthAnswer> LookAsync(OwnCheck check, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(check);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(check.TimeoutSeconds));
        var began = Stopwatch.GetTimestamp();
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, check.Question);
            request.Headers.UserAgent.ParseAdd("dashboard-health");
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            var body = check.Text.Length == 0 ? "" : await ReadAsync(response, patience.Token);
            return Judge(check, (int)response.StatusCode, body, Stopwatch.GetElapsedTime(began));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthAnswer.Fail($"It did not answer within {Words.Duration(TimeSpan.FromSeconds(check.TimeoutSeconds))}.", "Look whether the service is running and not overloaded.");
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            return HealthAnswer.Fail($"It can't be reached: {Sentence(fault)}", "Look whether the service is running, and whether its address is right.");
        }
    }

    public void Dispose() => _client.Dispose();

    private static HealthAnswer Judge(OwnCheck check, int status, string body, TimeSpan took)
    {
        var answered = $"It answered {status} in {Words.Duration(took)}";
        return status != check.Status ? HealthAnswer.Fail($"{answered} instead of {check.Status}.", "Look into the service's log.")
            : !body.Contains(check.Text, StringComparison.Ordinal) ? HealthAnswer.Fail($"{answered}, and “{check.Text}” does not occur in what it says.", "Look into the service's log.")
            : took.TotalMilliseconds > check.SlowMilliseconds ? HealthAnswer.Warn($"{answered}; {Words.Duration(TimeSpan.FromMilliseconds(check.SlowMilliseconds))} are allowed.", "Look what keeps the service busy, or allow it more time.")
            : HealthAnswer.Pass($"{answered}{(check.Text.Length > 0 ? $", with “{check.Text}”" : "")}.");
    }

    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[MostBytes];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return System.Text.Encoding.UTF8.GetString(buffer, 0, length);
    }

    /// <summary>Link-local addresses are those at which clouds hand out the secrets of a machine; the resolved address counts, not the name.</summary>
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var addresses = (await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken)).Where(address => !IsLinkLocal(address)).ToArray();
        if (addresses.Length == 0)
        {
            throw new HttpRequestException("this address is not asked, for it leads to the machine's own surroundings");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static bool IsLinkLocal(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return plain.IsIPv6LinkLocal || (plain.AddressFamily == AddressFamily.InterNetwork && plain.GetAddressBytes() is [169, 254, ..]);
    }

    private static string Sentence(Exception fault) => fault.Message.TrimEnd('.') + ".";
}

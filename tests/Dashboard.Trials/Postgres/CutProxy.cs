using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Dashboard.Trials.Postgres;

/// <summary>The network between dashboard and server: a port of its own that passes everything on, until it is cut.</summary>
internal sealed class CutProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly ConcurrentDictionary<TcpClient, byte> _open = new();
    private readonly Task _accepting;
    private int _refusals;

    public CutProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Every connection ends at once, by a reset, and no new one comes about.</summary>
    /// <param name="refusals">So many attempts are refused; after them it mends itself.</param>
    public void Cut(int refusals = int.MaxValue)
    {
        Volatile.Write(ref _refusals, refusals);
        foreach (var client in _open.Keys)
        {
            End(client);
        }
    }

    public void Mend() => Volatile.Write(ref _refusals, 0);

    public async ValueTask DisposeAsync()
    {
        Cut();
        _listener.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = PassAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task PassAsync(TcpClient near)
    {
        var far = new TcpClient();
        _open[near] = _open[far] = 0;
        try
        {
            if (!IsRefused())
            {
                await far.ConnectAsync(IPAddress.Loopback, _target);
                await Task.WhenAny(near.GetStream().CopyToAsync(far.GetStream()), far.GetStream().CopyToAsync(near.GetStream()));
            }
        }
        catch (Exception fault) when (fault is SocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
        }
        finally
        {
            End(near);
            End(far);
        }
    }

    private bool IsRefused()
    {
        var left = Volatile.Read(ref _refusals);
        return left > 0 && Interlocked.CompareExchange(ref _refusals, left - 1, left) == left;
    }

    private void End(TcpClient client)
    {
        if (_open.TryRemove(client, out _))
        {
            try
            {
                client.LingerState = new LingerOption(true, 0);
            }
            catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
            {
                // It is gone already.
            }

            client.Dispose();
        }
    }
}

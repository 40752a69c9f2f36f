using System.Net.Sockets;
using System.Security.Authentication;

namespace Dashboard.Postgres.Connections;

/// <summary>
/// Why a connection could not be made or broke, in words of ours. What the driver says of itself ("Exception while reading from stream") tells a person nothing,
/// and changes with its version; it is in the log.
/// </summary>
internal static class LostConnection
{
    public static string Reason(Exception fault) => Find<SocketException>(fault) is { } socket ? Reason(socket.SocketErrorCode)
        : Find<EndOfStreamException>(fault) is not null ? "the server closed it."
        : Find<IOException>(fault) is not null ? "it was cut off."
        : "what answers there does not speak the protocol of PostgreSQL as it should.";

    /// <summary>The reasons that a certificate or a handshake is refused for. .NET has no codes for them.</summary>
    public static string Reason(AuthenticationException fault) =>
        Has(fault, "NameMismatch") ? "its TLS certificate is for another host name."
        : Has(fault, "NotTimeValid") ? "its TLS certificate has expired, or is not valid yet."
        : Has(fault, "Revoked") ? "its TLS certificate was revoked."
        : Has(fault, "UntrustedRoot") || Has(fault, "PartialChain") || Has(fault, "chain") || Has(fault, "RemoteCertificateValidationCallback") ? "the authority of its TLS certificate is not trusted here."
        : "the two sides found no common TLS version or cipher.";

    public static T? Find<T>(Exception? fault)
        where T : Exception
    {
        for (; fault is not null; fault = fault.InnerException)
        {
            if (fault is T found)
            {
                return found;
            }
        }

        return null;
    }

    private static string Reason(SocketError code) => code switch
    {
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown or SocketError.NotConnected => "the server, or something on the way, cut it off.",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown or SocketError.NetworkDown => "there is no way to it in the network.",
        SocketError.ConnectionRefused => "nothing listens there.",
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "there is no machine of this name.",
        SocketError.TimedOut => "it did not answer in time.",
        SocketError.AccessDenied => "this machine does not let the dashboard connect there.",
        SocketError.AddressNotAvailable or SocketError.InvalidArgument => "it is no address that can be connected to.",
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable => "this machine has no more connections to give.",
        _ => "the network failed.",
    };

    private static bool Has(Exception? fault, string words)
    {
        for (; fault is not null; fault = fault.InnerException)
        {
            if (fault.Message.Contains(words, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}

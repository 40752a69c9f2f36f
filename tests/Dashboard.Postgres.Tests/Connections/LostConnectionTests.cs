using System.Net;
using System.Net.Sockets;
using System.Text;
using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Tests.Server;
using Npgsql;
using Xunit;

namespace Dashboard.Postgres.Tests.Connections;

/// <summary>Whatever answers, or does not: a person reads a sentence of ours, and nothing that the driver says of itself.</summary>
public sealed class LostConnectionTests
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    /// <summary>What a stranger does with whoever connects.</summary>
    public static MatrixTheoryData<string, SslMode> Strangers => new(
        ["closes", "resets", "garbage", "yes to TLS, then garbage", "no to TLS, then garbage", "unknown method", "closes later"],
        [SslMode.Disable, SslMode.Prefer, SslMode.Require, SslMode.VerifyFull]);

    [Theory]
    [MemberData(nameof(Strangers))]
    public async Task A_stranger_that_answers_is_told_in_words_of_ours(string does, SslMode tls)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Now);
        var serving = ServeAsync(listener, does, over.Token);
        var location = new PostgresLocation("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, "shop", "app", tls, null).ToString();

        await AssertInWordsAsync(location);

        await over.CancelAsync();
        listener.Stop();
        await Record.ExceptionAsync(() => serving);
    }

    [Theory]
    [InlineData("nowhere.invalid", 5432)]
    [InlineData("127.0.0.1", 1)]
    [InlineData("/nowhere/of/sockets", 5432)]
    [InlineData("255.255.255.255", 5432)]
    [InlineData("0.0.0.1", 5432)]
    public async Task What_can_not_be_reached_is_told_in_words_of_ours(string host, int port) =>
        await AssertInWordsAsync(new PostgresLocation(host, port, "shop", "app", SslMode.Prefer, null).ToString());

    [Theory]
    [InlineData(SslMode.VerifyFull, "127.0.0.2")]
    [InlineData(SslMode.VerifyCA, "localhost")]
    public async Task A_certificate_that_is_not_trusted_is_told_in_words_of_ours(SslMode tls, string host)
    {
        var server = LocationText.Read(TestServer.Url).Location!;

        await AssertInWordsAsync((server with { Host = host, Tls = tls, RootCertificate = host == "localhost" ? null : server.RootCertificate }).ToString());
    }

    private static async Task AssertInWordsAsync(string location)
    {
        await using var engine = new PostgresEngine(new NoLogin(), TimeProvider.System);

        var fault = await Assert.ThrowsAnyAsync<DatabaseException>(() => engine.ReadStateAsync(location, Now));
        var check = await engine.CheckLocationAsync(location, Now);

        Assert.NotNull(fault.NextStep);
        for (var inner = fault.InnerException; inner is not null; inner = inner.InnerException)
        {
            var words = inner is PostgresException ? "Npgsql" : inner.Message.TrimEnd('.');
            Assert.DoesNotContain(words, fault.Message, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(words, $"{check.Headline} {check.NextStep}", StringComparison.OrdinalIgnoreCase);
        }
    }

    private static async Task ServeAsync(TcpListener listener, string does, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            using var client = await listener.AcceptTcpClientAsync(over);
            try
            {
                await AnswerAsync(client, does, over);
            }
            catch (IOException)
            {
                // Whoever asked has gone.
            }
        }
    }

    private static async Task AnswerAsync(TcpClient client, string does, CancellationToken over)
    {
        var stream = client.GetStream();
        switch (does)
        {
            case "closes":
                return;
            case "resets":
                client.LingerState = new LingerOption(true, 0);
                return;
            case "garbage":
                await stream.WriteAsync(Encoding.ASCII.GetBytes("SSH-2.0-OpenSSH_9.2\r\n"), over);
                return;
            case "closes later":
                await HearAsync(stream, over);
                return;
            case "unknown method":
                await HearAsync(stream, over);
                await stream.WriteAsync(new byte[] { (byte)'R', 0, 0, 0, 8, 0, 0, 0, 99 }, over);
                await HearAsync(stream, over);
                return;
            default:
                await HearAsync(stream, over);
                await stream.WriteAsync(does.StartsWith("yes", StringComparison.Ordinal) ? "S"u8.ToArray() : "N"u8.ToArray(), over);
                await HearAsync(stream, over);
                await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 400 Bad Request\r\n\r\n"), over);
                return;
        }
    }

    private static async Task HearAsync(NetworkStream stream, CancellationToken over)
    {
        if (await stream.ReadAsync(new byte[1024], over) == 0)
        {
            throw new IOException("It has gone.");
        }
    }

    private sealed class NoLogin : ILogins
    {
        public Task<string?> FindPasswordAsync(string engine, string server, string user, CancellationToken cancellationToken) => Task.FromResult<string?>("secret");
    }
}

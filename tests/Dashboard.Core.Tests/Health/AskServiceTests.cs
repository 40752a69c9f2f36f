using System.Net;
using Dashboard.Core.Databases;
using Dashboard.Core.Health;

namespace Dashboard.Core.Tests.Health;

public sealed class AskServiceTests : IDisposable
{
    private readonly AskService _ask = new();
    private readonly HttpListener _server = new();
    private readonly string _address;

    public AskServiceTests()
    {
        using var free = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        free.Start();
        _address = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/";
        free.Stop();
        _server.Prefixes.Add(_address);
        _server.Start();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_that_answers_as_it_should_passes()
    {
        var answer = await AskAsync(200, """{"status":"operational"}""", check => check.Text = "\"status\":\"operational\"");

        Assert.Equal(HealthVerdict.Pass, answer.Verdict);
        Assert.EndsWith("with “\"status\":\"operational\"”.", answer.Evidence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(503, "down", 200, "", "instead of 200.")]
    [InlineData(200, "degraded", 200, "operational", "and “operational” does not occur in what it says.")]
    [InlineData(302, "", 200, "", "instead of 200.")]
    public async Task Another_status_or_body_fails_and_what_it_says_is_not_shown(int status, string body, int wanted, string text, string end)
    {
        var answer = await AskAsync(status, body, check => (check.Status, check.Text) = (wanted, text));

        Assert.Equal(HealthVerdict.Fail, answer.Verdict);
        Assert.EndsWith(end, answer.Evidence, StringComparison.Ordinal);
        Assert.DoesNotContain(body.Length > 0 ? body : "\n", answer.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slow_answer_is_a_warning()
    {
        var answer = await AskAsync(200, "", check => check.SlowMilliseconds = 0);

        Assert.Equal(HealthVerdict.Warn, answer.Verdict);
    }

    [Fact]
    public async Task One_that_does_not_answer_in_time_fails()
    {
        var answer = await _ask.LookAsync(Service(check => check.TimeoutSeconds = 0), Cancel);

        Assert.Equal((HealthVerdict.Fail, "It did not answer within 0 ms."), (answer.Verdict, answer.Evidence));
    }

    [Fact]
    public async Task One_that_is_not_there_fails()
    {
        _server.Stop();

        var answer = await _ask.LookAsync(Service(_ => { }), Cancel);

        Assert.Equal(HealthVerdict.Fail, answer.Verdict);
        Assert.StartsWith("It can't be reached: ", answer.Evidence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://[::ffff:169.254.169.254]/")]
    [InlineData("http://[fe80::1]/")]
    public async Task Where_clouds_keep_the_secrets_of_a_machine_nobody_is_asked(string address)
    {
        var answer = await _ask.LookAsync(Service(check => check.Question = address), Cancel);

        Assert.Contains("this address is not asked", answer.Evidence, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _ask.Dispose();
        ((IDisposable)_server).Dispose();
    }

    private async Task<HealthAnswer> AskAsync(int status, string body, Action<OwnCheck> shape)
    {
        var asking = _ask.LookAsync(Service(shape), Cancel);
        var request = await _server.GetContextAsync().WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        request.Response.StatusCode = status;
        request.Response.Headers["Location"] = "http://127.0.0.1:1/";
        await request.Response.OutputStream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(body), Cancel);
        request.Response.Close();
        return await asking;
    }

    private OwnCheck Service(Action<OwnCheck> shape)
    {
        var check = new OwnCheck { Id = Guid.NewGuid(), SubjectKind = SubjectKind.Installation, SubjectId = Guid.Empty, Kind = OwnCheckKind.Service, Title = "Shop", Question = _address, SlowMilliseconds = 60_000, TimeoutSeconds = 30 };
        shape(check);
        return check;
    }
}

using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;
using Npgsql;
using Xunit;

namespace Dashboard.Postgres.Tests.Connections;

/// <summary>With TLS "prefer" there may be two attempts. The reason that is shown is that of the encrypted one, on a server that lets nobody in without.</summary>
public sealed class PreferredTlsTests : IAsyncLifetime
{
    private readonly PostgresHarness _harness = new();
    private string _location = "";

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _location = await _harness.CreateAsync();

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    [Theory]
    [InlineData("CREATE ROLE {0} NOLOGIN PASSWORD 'app'", "not permitted to log in")]
    [InlineData("CREATE ROLE {0} LOGIN PASSWORD 'other'", "refused the password")]
    [InlineData("CREATE ROLE {0} LOGIN PASSWORD 'app' VALID UNTIL '2000-01-01'", "refused the password")]
    [InlineData("CREATE ROLE {0} LOGIN PASSWORD 'app' CONNECTION LIMIT 0", "that the role")]
    [InlineData("CREATE ROLE {0} LOGIN PASSWORD 'app'; REVOKE CONNECT ON DATABASE {1} FROM PUBLIC", "permission denied")]
    public async Task The_reason_is_that_of_the_encrypted_attempt(string sql, string reason)
    {
        var role = _harness.OwnRole("app");
        await PostgresHarness.ExecuteAsync("postgres", string.Format(System.Globalization.CultureInfo.InvariantCulture, sql, role, PostgresHarness.DatabaseOf(_location)));

        var (preferred, required) = (await CheckAsync(role, SslMode.Prefer), await CheckAsync(role, SslMode.Require));

        Assert.Equal(LocationVerdict.Refused, preferred.Verdict);
        Assert.Equal((required.Headline, required.NextStep), (preferred.Headline, preferred.NextStep));
        Assert.Contains(reason, preferred.Headline, StringComparison.Ordinal);
        Assert.DoesNotContain("no encryption", preferred.Headline, StringComparison.Ordinal);
    }

    private async Task<LocationCheck> CheckAsync(string role, SslMode tls)
    {
        var at = PostgresLocation.Parse(_location) with { User = role, Tls = tls, RootCertificate = null };
        await using var engine = new PostgresEngine(new Login(), TimeProvider.System);
        return await engine.CheckLocationAsync(at.ToString(), Now);
    }

    private sealed class Login : ILogins
    {
        public Task<string?> FindPasswordAsync(string engine, string server, string user, CancellationToken cancellationToken) => Task.FromResult<string?>("app");
    }
}

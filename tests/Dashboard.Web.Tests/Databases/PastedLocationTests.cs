using Bunit;
using Dashboard.Core.Databases;
using Dashboard.Postgres;
using Dashboard.Web.Features.Databases;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Dashboard.Web.Tests.Databases;

/// <summary>What is pasted and can't be used says why in the words of whoever reads it, and what was passed over is said too.</summary>
public sealed class PastedLocationTests : Pages
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public PastedLocationTests() => Services.AddSingleton<IDatabaseEngine>(new PostgresEngine(new NoLogin(), TimeProvider.System));

    [Theory]
    [InlineData("postgresql://u:p@a:5432,b:5432/x", "More than one host is given.")]
    [InlineData("mysql://u:p@a/x", "This is an address of mysql, not of PostgreSQL.")]
    [InlineData("postgresql://u:p@", "The host is missing.")]
    [InlineData("psql -h a", "The user is missing.")]
    public async Task The_parsers_own_sentence_appears_while_somebody_types(string text, string sentence)
    {
        var page = Field();

        await page.TypeAsync("#location", text);

        page.WaitForAssertion(() => Assert.Contains(sentence, page.Markup, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public async Task What_was_passed_over_is_said_and_the_rest_stands_in_the_fields()
    {
        var page = Field();

        await page.TypeAsync("#location", "DATABASE_URL=\"postgresql+asyncpg://shop_login:n1@127.0.0.1:1/shop?pgbouncer=true\"");

        page.WaitForAssertion(() => Assert.Contains("Ignored here, because only an application or its pooler uses it: pgbouncer.", page.Markup, StringComparison.Ordinal), Patience);
        Assert.Equal("127.0.0.1", page.Find("#location-host").GetAttribute("value"));
        Assert.Equal("shop_login", page.Find("#location-user").GetAttribute("value"));
    }

    private IRenderedComponent<LocationField> Field() => Render<LocationField>(parameters => parameters
        .Add(field => field.Engine, "postgres")
        .Add(field => field.Value, ""));

    private sealed class NoLogin : ILogins
    {
        public Task<string?> FindPasswordAsync(string engine, string server, string user, CancellationToken cancellationToken) => Task.FromResult<string?>(null);
    }
}

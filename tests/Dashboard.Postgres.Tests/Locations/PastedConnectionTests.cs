using Dashboard.Postgres.Connections;
using Npgsql;
using Xunit;

namespace Dashboard.Postgres.Tests.Locations;

/// <summary>Addresses as people have them: in a .env file, a compose file, a terminal, the settings of a framework.</summary>
public sealed class PastedConnectionTests
{
    private static readonly PostgresLocation Shop = new("localhost", 5432, "shop", "shop_login", SslMode.Prefer, null);

    /// <summary>Passwords that mean something to one way of writing or another.</summary>
    private static readonly string[] Passwords = ["n1", "p:a@s/s#w?o%r d'\"\\1", "a;bSECRET;c", "a=b&c", "=;'", "@", "x@h:5432/db?sslmode=require", "pässwörd", "%41", "a b  c", "\\'\""];

    public static TheoryData<string> Understood =>
    [
        "postgresql+psycopg2://shop_login:n1@localhost:5432/shop",
        "postgresql+asyncpg://shop_login:n1@localhost/shop",
        "postgres://shop_login:n1@localhost:5432/shop",
        "pgsql://shop_login:n1@localhost/shop",
        "postgis://shop_login:n1@localhost/shop",
        "POSTGRESQL://shop_login:n1@localhost/shop",
        "jdbc:postgresql://localhost:5432/shop?user=shop_login&password=n1",
        "jdbc:postgresql:shop?user=shop_login&password=n1",
        "r2dbc:postgresql://shop_login:n1@localhost/shop",
        "DATABASE_URL=postgres://shop_login:n1@localhost:5432/shop",
        "export DATABASE_URL=postgres://shop_login:n1@localhost:5432/shop",
        "export DATABASE_URL=\"postgres://shop_login:n1@localhost:5432/shop\"",
        "$env:DATABASE_URL = 'postgres://shop_login:n1@localhost:5432/shop'",
        "DATABASE_URL: postgres://shop_login:n1@localhost:5432/shop",
        "- DATABASE_URL=postgres://shop_login:n1@localhost:5432/shop",
        "\"DefaultConnection\": \"Host=localhost;Database=shop;Username=shop_login;Password=n1\",",
        "ConnectionStrings__Shop=Host=localhost;Database=shop;Username=shop_login;Password=n1",
        "url: \"jdbc:postgresql://localhost:5432/shop?user=shop_login&password=n1\"",
        "\"postgres://shop_login:n1@localhost:5432/shop\"",
        "'postgres://shop_login:n1@localhost:5432/shop';",
        "`postgres://shop_login:n1@localhost:5432/shop`",
        "“postgres://shop_login:n1@localhost:5432/shop”",
        "<postgres://shop_login:n1@localhost:5432/shop>",
        "\"host=localhost dbname=shop user=shop_login password=n1\"",
        "psql 'postgres://shop_login:n1@localhost:5432/shop'",
        "psql postgres://shop_login:n1@localhost:5432/shop -c 'select 1'",
        "psql \"host=localhost dbname=shop user=shop_login password=n1\"",
        "psql -d postgres://shop_login:n1@localhost/shop",
        "PGPASSWORD=n1 psql -h localhost -p 5432 -U shop_login -d shop",
        "PGPASSWORD='n1' psql -hlocalhost -Ushop_login shop",
        "PGPASSWORD=n1 /usr/bin/psql --host=localhost --port 5432 --username=shop_login --dbname=shop",
        "PGPASSWORD=n1 PGHOST=localhost PGUSER=shop_login PGDATABASE=shop psql -X -At -f dump.sql",
        "PGPASSWORD=n1 psql -h localhost shop shop_login",
        "Server=localhost;Port=5432;Database=shop;User Id=shop_login;Password=n1",
        "  host = localhost  dbname = shop user=shop_login password = n1 ",
        "hostaddr=127.0.0.1 host=localhost dbname=shop user=shop_login password=n1",
    ];

    public static MatrixTheoryData<int, int> Wrapped => new(Enumerable.Range(0, Passwords.Length), Enumerable.Range(0, Wrappers.Count));

    private static IReadOnlyList<Func<string, string>> Wrappers { get; } =
    [
        password => $"postgresql://shop_login:{Uri.EscapeDataString(password)}@localhost:5432/shop",
        password => $"DATABASE_URL=postgresql+psycopg://shop_login:{Uri.EscapeDataString(password)}@localhost/shop",
        password => $"\"jdbc:postgresql://localhost:5432/shop?user=shop_login&password={Uri.EscapeDataString(password)}\"",
        password => $"host=localhost dbname=shop user=shop_login password='{Libpq(password)}'",
        password => $"password='{Libpq(password)}' user=shop_login host=localhost dbname=shop port=5432",
        password => $"Host=localhost;Database=shop;Username=shop_login;Password=\"{password.Replace("\"", "\"\"", StringComparison.Ordinal)}\"",
        password => $"PGPASSWORD='{password.Replace("'", "'\\''", StringComparison.Ordinal)}' psql -h localhost -U shop_login shop",
        password => $"psql \"postgresql://shop_login:{Uri.EscapeDataString(password)}@localhost/shop\"",
    ];

    [Theory]
    [MemberData(nameof(Understood))]
    public void It_is_understood(string text)
    {
        var read = LocationText.Read(text);

        Assert.Equal(Shop, read.Location);
        Assert.Equal("n1", read.Password);
    }

    [Theory]
    [MemberData(nameof(Wrapped))]
    public void Whatever_the_password_holds_it_is_the_password(int password, int wrapper)
    {
        var read = LocationText.Read(Wrappers[wrapper](Passwords[password]));

        Assert.Equal((Shop, Passwords[password]), (read.Location, read.Password));
        Assert.Equal(Shop, PostgresLocation.Parse(read.Location!.ToString()));
    }

    [Theory]
    [InlineData("p:a@s/s#w?o%r d'\"\\1")]
    [InlineData("p@ss/word")]
    [InlineData("a?b")]
    [InlineData("a#b@c")]
    [InlineData("user@host/db")]
    [InlineData("pass#word")]
    [InlineData("Superp@$$W0rd01")]
    [InlineData("some cool/password")]
    [InlineData("{aaaaa-11-a,a1a\\|aa)1#1(#*1aaaa")]
    [InlineData("Hj#aFxcv736#3cC^6")]
    [InlineData("x@h:5432/db?sslmode=require")]
    public void A_password_that_is_not_encoded_is_taken_as_it_is(string password)
    {
        var read = LocationText.Read($"postgresql://shop_login:{password}@localhost:5432/shop?sslmode=require");

        Assert.Equal((Shop with { Tls = SslMode.Require }, password), (read.Location, read.Password));
    }

    [Theory]
    [InlineData("postgresql://shop_login:n1@localhost:5432/shop?schema=public&connection_limit=5&pgbouncer=true", "schema, connection_limit, pgbouncer")]
    [InlineData("postgresql://shop_login:n1@localhost/shop?application_name=a@b", "application_name")]
    [InlineData("postgresql://shop_login:n1@localhost:5432/shop?options=-c%20search_path%3Dapp", "options")]
    [InlineData("jdbc:postgresql://localhost/shop?user=shop_login&password=n1&prepareThreshold=0&currentSchema=app", "prepareThreshold, currentSchema")]
    [InlineData("Server=localhost;Database=shop;User Id=shop_login;Password=n1;Trust Server Certificate=true;Search Path=app", "search path, trust server certificate")]
    [InlineData("postgresql://shop_login:n1@localhost/shop?pool_timeout=10&pool_mode=transaction&statement_cache_size=0", "pool_timeout, pool_mode, statement_cache_size")]
    public void What_only_applications_and_poolers_use_is_passed_over_with_a_remark(string text, string ignored)
    {
        var read = LocationText.Read(text);

        Assert.Equal(Shop, read.Location);
        Assert.Equal(ignored.Split(", ").Order(), read.Ignored.Order());
        Assert.All(ignored.Split(", "), name => Assert.Contains(name, read.Remark, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("jdbc:postgresql://localhost:5432/shop?user=shop_login&password=n1&ssl=true", SslMode.Require)]
    [InlineData("postgres://shop_login:n1@localhost/shop?ssl=true&sslmode=verify-full", SslMode.VerifyFull)]
    [InlineData("postgres://shop_login:n1@localhost/shop?sslmode=no-verify", SslMode.Require)]
    [InlineData("postgres://shop_login:n1@localhost/shop?ssl=false", SslMode.Prefer)]
    [InlineData("PGSSLMODE=require PGPASSWORD=n1 psql -h localhost -U shop_login shop", SslMode.Require)]
    public void Tls_is_what_the_application_has(string text, SslMode tls) => Assert.Equal(Shop with { Tls = tls }, LocationText.Read(text).Location);

    [Theory]
    [InlineData("postgresql://u:p@a:5432,b:5432/x", "More than one host is given.")]
    [InlineData("host=a,b dbname=x user=u", "More than one host is given.")]
    [InlineData("mysql://shop_login:n1@localhost/shop", "an address of mysql")]
    [InlineData("DATABASE_URL=mysql2://shop_login:n1@localhost/shop", "an address of mysql2")]
    [InlineData("https://localhost/shop", "an address of https")]
    [InlineData("docker exec -it db psql -U shop shop", "in a container")]
    [InlineData("psql -U shop shop", "The host is missing.")]
    [InlineData("postgresql://u@h/d?options=project%3Dx", "“options” can't be used here.")]
    [InlineData("postgresql://u@h/d?sslcert=a.pem", "“sslcert” can't be used here.")]
    [InlineData("postgresql://u@h/d?nonsense=1", "“nonsense” is not known here.")]
    [InlineData("postgresql://u:p@h:x/d", "The port is not a number")]
    [InlineData("host='a", "a quote is not closed")]
    [InlineData("shop", "neither a URL")]
    public void What_can_not_be_used_is_refused_with_the_reason(string text, string reason)
    {
        var read = LocationText.Read(text);

        Assert.Null(read.Location);
        Assert.Contains(reason, read.Problem, StringComparison.Ordinal);
        Assert.EndsWith(".", read.Problem, StringComparison.Ordinal);
    }

    /// <summary>What is cut off, mistyped or not in quotes; no part of a password is ever repeated.</summary>
    [Theory]
    [InlineData("Host=localhost;Database=shop;Username=shop_login;Password=a;bSECRET=1;c=2")]
    [InlineData("Host=localhost;Database=shop;Username=shop_login;Password=a;bSECRET;c")]
    [InlineData("host=localhost dbname=shop user=shop_login password=a bSECRET=c")]
    [InlineData("postgresql://shop_login:a@b:SECRET/shop")]
    [InlineData("postgresql://shop_login:SECRET")]
    [InlineData("postgresql://shop_login:a?SECRET=1@localhost:x/shop")]
    [InlineData("postgresql://shop_login:a@h/d?x&SECRET=1")]
    [InlineData("PGPASSWORD=SECRET psql -h")]
    public void A_refusal_repeats_no_password(string text)
    {
        var read = LocationText.Read(text);

        Assert.Null(read.Location);
        Assert.DoesNotContain("SECRET", read.Problem, StringComparison.Ordinal);
    }

    private static string Libpq(string password) => password.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal);
}

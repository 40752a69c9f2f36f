using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Locations;
using FsCheck.Xunit;
using Npgsql;
using Xunit;

namespace Dashboard.Postgres.Tests.Locations;

public sealed class LocationTextTests
{
    [Theory]
    [InlineData("postgresql://app:s3cret@db.example.org:6432/shop?sslmode=require")]
    [InlineData("postgres://app:s3cret@db.example.org:6432/shop?sslmode=require&application_name=web&channel_binding=prefer")]
    [InlineData("host=db.example.org port=6432 dbname=shop user=app password=s3cret sslmode=require")]
    [InlineData("host=db.example.org port=6432 dbname='shop' user=app password='s3cret' sslmode=require connect_timeout=10")]
    [InlineData("Host=db.example.org;Port=6432;Database=shop;Username=app;Password=s3cret;SSL Mode=Require;Pooling=true")]
    [InlineData("Server=db.example.org;Port=6432;Initial Catalog=shop;User Id=app;Password=s3cret;SslMode=Require")]
    public void What_applications_use_is_understood(string text)
    {
        var read = LocationText.Read(text);

        Assert.Equal(new PostgresLocation("db.example.org", 6432, "shop", "app", SslMode.Require, null), read.Location);
        Assert.Equal("s3cret", read.Password);
    }

    [Theory]
    [InlineData("postgresql://app:p@ss:word/with?x@db/shop")]
    [InlineData("postgresql://app@db:70000/shop")]
    [InlineData("postgresql://app@db:abc/shop")]
    [InlineData("postgresql://app@db/shop?sslmode=sometimes")]
    [InlineData("postgresql://app@one,two/shop")]
    [InlineData("postgresql://@db/shop")]
    [InlineData("host='db dbname=shop")]
    [InlineData("Host=db;Database=shop;Username=app;Passfile=/etc/shadow")]
    [InlineData("/var/lib/shop.db")]
    public void What_can_not_be_used_is_refused_with_a_sentence(string text)
    {
        var read = LocationText.Read(text);

        Assert.True(read.Location is null ? read.Problem!.EndsWith('.') : read.Password is "p@ss:word/with?x", read.Problem);
    }

    [Theory]
    [InlineData("host=evil dbname=postgres", "-h", "it's \"odd\"")]
    [InlineData("../../etc", "--file=pwn", "$(reboot)")]
    [InlineData("数据 😀", "ünï", "a\\b'c")]
    [InlineData(" shop", "app ", " s3cret ")]
    [InlineData(" ", " ", "s3 cret")]
    public void A_name_is_a_name_and_nothing_else(string database, string user, string password)
    {
        var parts = new Dictionary<string, string> { ["host"] = "db", ["database"] = database, ["user"] = user, ["password"] = password };

        var read = LocationText.Read(LocationForm.Compose(parts));

        Assert.Equal((database, user, password), (read.Location!.Database, read.Location.User, read.Password));
        Assert.Equal(read.Location, PostgresLocation.Parse(read.Location.ToString()));
        Assert.DoesNotContain(Uri.EscapeDataString(password), read.Location.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgresql://%20app%20:s3cret@db/%20shop%20")]
    [InlineData("host=db dbname=' shop ' user=' app ' password=s3cret")]
    [InlineData("Host=db;Database=\" shop \";Username=\" app \";Password=s3cret")]
    public void Spaces_at_the_ends_of_a_name_are_part_of_it_where_they_are_quoted(string text)
    {
        var read = LocationText.Read(text);

        Assert.Equal((" shop ", " app "), (read.Location!.Database, read.Location.User));
    }

    [Theory]
    [InlineData(" postgresql://app:s3cret@db/shop ")]
    [InlineData("host = db  dbname = shop  user = app ")]
    [InlineData("Host = db; Database = shop ; Username = app")]
    public void Spaces_around_what_is_not_quoted_are_none_of_it(string text)
    {
        var read = LocationText.Read(text);

        Assert.Equal(("db", "shop", "app"), (read.Location!.Host, read.Location.Database, read.Location.User));
    }

    [Property]
    public void Whatever_is_typed_has_an_answer(string? text)
    {
        var read = LocationText.Read(text ?? "");

        Assert.True(read.Location is not null || read.Problem is { Length: > 0 });
    }

    [Property]
    public void What_the_form_composes_is_taken_apart_again(string? database, string? user, string? password, int port)
    {
        var parts = new Dictionary<string, string>
        {
            ["host"] = "db",
            ["port"] = (Math.Abs((long)port) % 65535 + 1).ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["database"] = Plain(database, "d"),
            ["user"] = Plain(user, "u"),
            ["password"] = Plain(password, "p"),
        };

        var again = LocationForm.Split(LocationForm.Compose(parts))!;

        Assert.All(parts, part => Assert.Equal(part.Value, again[part.Key]));
    }

    /// <summary>Without what no server takes in a name.</summary>
    private static string Plain(string? text, string first) => first + new string([.. (text ?? "").Where(letter => !char.IsControl(letter) && !char.IsSurrogate(letter))]);
}

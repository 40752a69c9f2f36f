using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Web.Tests.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Dashboard.Web.Tests.Api;

public sealed class TableEndpointsTests(DashboardApp app) : IClassFixture<DashboardApp>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tables_are_sent_as_the_page_shows_them()
    {
        await AddAsync("shop-csv");

        using var response = await app.Client().GetAsync(new Uri("/api/databases/shop-csv/tables?format=csv&sort=rows&desc=true", UriKind.Relative), Stop);
        var lines = (await response.Content.ReadAsStringAsync(Stop)).Split("\r\n");

        Assert.Equal(("text/csv", "shop-csv-tables.csv"), (response.Content.Headers.ContentType!.MediaType, response.Content.Headers.ContentDisposition!.FileName));
        Assert.StartsWith("table,rows,rows_exact,", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("orders,3,true,", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("'=1+1,0,true,", lines[2], StringComparison.Ordinal);
        Assert.Equal(4, lines.Length);
    }

    [Fact]
    public async Task The_filter_holds_and_JSON_is_what_is_sent_otherwise()
    {
        await AddAsync("shop-json");

        var tables = await app.Client().GetFromJsonAsync<JsonElement>(new Uri("/api/databases/shop-json/tables?filter=ORD", UriKind.Relative), Stop);
        var indexes = await app.Client().GetFromJsonAsync<JsonElement>(new Uri("/api/databases/shop-json/indexes?needless=true", UriKind.Relative), Stop);

        Assert.Equal(("orders", 3), (tables[0].GetProperty("table").GetString(), tables[0].GetProperty("rows").GetInt32()));
        Assert.Equal(1, tables.GetArrayLength());
        Assert.Equal("the same as a", Assert.Single(indexes.EnumerateArray()).GetProperty("purpose").GetString());
    }

    [Theory]
    [InlineData("/api/databases/nothing/tables", HttpStatusCode.NotFound)]
    [InlineData("/api/databases/nothing/indexes", HttpStatusCode.NotFound)]
    [InlineData("/api/databases/shop-odd/tables?format=xlsx", HttpStatusCode.BadRequest)]
    [InlineData("/api/databases/shop-gone/tables", HttpStatusCode.ServiceUnavailable)]
    public async Task What_can_not_be_had_is_a_problem_in_words(string address, HttpStatusCode status)
    {
        await AddAsync("shop-odd");
        File.Delete(await AddAsync("shop-gone"));

        using var response = await app.Client().GetAsync(new Uri(address, UriKind.Relative), Stop);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.NotEmpty((await response.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("title").GetString()!);
    }

    [Fact]
    public async Task The_page_of_a_table_of_any_name_is_rendered()
    {
        const string name = "=1+1";
        await AddAsync("shop-page");

        var html = await app.Client().GetStringAsync(new Uri(Urls.ForTable("shop-page", name), UriKind.Relative), Stop);

        Assert.Contains("CREATE TABLE &quot;=1&#x2B;1&quot;", html, StringComparison.Ordinal);
    }

    private async Task<string> AddAsync(string slug)
    {
        var file = Path.Combine(app.DataFolder, slug + ".db");
        if (!File.Exists(file))
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = """CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT); INSERT INTO orders (item) VALUES ('tea'), ('salt'), ('bread'); CREATE TABLE "=1+1" (x); CREATE INDEX a ON orders (item); CREATE INDEX b ON orders (item);""";
            command.ExecuteNonQuery();
        }

        using var _ = app.Client();
        var slugs = await app.Services.GetRequiredService<Dashboard.Core.Fleet.ReadFleet>().FindAsync(Actor.LocalAdministrator, slug, Stop);
        if (slugs is null)
        {
            await app.Services.GetRequiredService<AddDatabase>().AddAsync(Actor.LocalAdministrator, "sqlite", file, slug, Stop);
        }

        return file;
    }
}

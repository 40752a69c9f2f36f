using AngleSharp.Html.Dom;
using Bunit;
using Dashboard.Core.Databases;
using Dashboard.Core.Fleet;
using Dashboard.Core.Jobs;
using Dashboard.Web.Features.Databases;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using Xunit;

namespace Dashboard.Web.Tests.Databases;

public sealed class AddDatabasePageTests : Pages
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public void Asks_for_no_engine_while_there_is_one_and_labels_every_field()
    {
        var page = Render<AddDatabasePage>();

        Assert.Empty(page.FindAll("[role=radiogroup]"));
        Assert.Equal("Path of the database file", page.Find("label[for=location]").TextContent);
        Assert.Equal("Name", page.Find("label[for=name]").TextContent);
        Assert.Contains("It is looked at while you type", page.Find("[role=status]").TextContent);
    }

    [Fact]
    public async Task Looks_while_somebody_types_and_takes_the_name_from_the_path()
    {
        var file = await FileAsync("orders.db");
        var page = Render<AddDatabasePage>();

        await page.TypeAsync("#location", file);

        page.WaitForAssertion(() => Assert.Contains("An SQLite database with 1 table.", page.Find("[role=status]").TextContent), Patience);
        Assert.Equal("orders", Value(page, "#name"));
        Assert.Contains(page.FindAll("dt"), label => label.TextContent == "Journal mode");
        Assert.Contains(page.FindAll("dt"), label => label.TextContent == "Page size");
    }

    [Fact]
    public async Task Keeps_the_name_that_was_typed_when_the_path_changes_after_it()
    {
        var file = await FileAsync("orders.db");
        var page = Render<AddDatabasePage>();
        await page.TypeAsync("#name", "Shop floor");

        await page.TypeAsync("#location", file);

        page.WaitForAssertion(() => Assert.Contains("An SQLite database", page.Find("[role=status]").TextContent), Patience);
        Assert.Equal("Shop floor", Value(page, "#name"));
    }

    [Fact]
    public async Task Shows_the_answer_to_what_was_typed_last()
    {
        var file = await FileAsync("orders.db");
        var page = Render<AddDatabasePage>();

        await page.TypeAsync("#location", Path.Combine(Folder, "missing.db"));
        await page.TypeAsync("#location", file);

        page.WaitForAssertion(() => Assert.Contains("An SQLite database", page.Find("[role=status]").TextContent), Patience);
        Assert.Equal("false", page.Find(".findings").GetAttribute("aria-busy"));
    }

    [Fact]
    public async Task Begins_with_the_location_of_the_address()
    {
        var file = await FileAsync("orders.db");
        Services.GetRequiredService<NavigationManager>().NavigateTo(Urls.ForAddDatabase(file));

        var page = Render<AddDatabasePage>();

        Assert.Equal(file, Value(page, "#location"));
        page.WaitForAssertion(() => Assert.Contains("An SQLite database", page.Find("[role=status]").TextContent), Patience);
    }

    [Theory]
    [InlineData("orders.db", "This is not a full path.")]
    [InlineData("{folder}", "This is a folder.")]
    [InlineData("{folder}/nowhere/orders.db", "There is no folder nowhere in")]
    [InlineData("{folder}/text.db", "The file is not an SQLite database.")]
    [InlineData("{folder}/empty.db", "The file is empty (0 bytes).")]
    public async Task Says_what_is_wrong_with_a_bad_path_and_what_to_do(string typed, string headline)
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "text.db"), string.Concat(Enumerable.Repeat("just some words, not a database. ", 200)), CancellationToken.None);
        await File.WriteAllTextAsync(Path.Combine(Folder, "empty.db"), "", CancellationToken.None);
        var page = Render<AddDatabasePage>();

        await page.TypeAsync("#location", typed.Replace("{folder}", Folder, StringComparison.Ordinal));

        page.WaitForAssertion(() => Assert.Contains(headline, page.Find(".headline strong").TextContent), Patience);
        Assert.NotEmpty(page.Find(".headline .next").TextContent);
    }

    [Fact]
    public async Task Says_under_which_name_a_file_is_registered_already()
    {
        var shop = await AddDatabaseAsync("shop");
        var page = Render<AddDatabasePage>();

        await page.TypeAsync("#location", shop.Location);

        page.WaitForAssertion(() => Assert.Contains("This is registered already, as “shop”.", page.Find("[role=status]").TextContent), Patience);
    }

    [Fact]
    public async Task Adds_by_Enter_with_a_daily_backup_and_a_first_one_and_goes_to_its_page()
    {
        var file = await FileAsync("orders.db");
        var page = Render<AddDatabasePage>();
        await page.TypeAsync("#location", file);

        await page.SubmitAsync();

        page.WaitForAssertion(() => Assert.EndsWith(Urls.ForAddedDatabase("orders"), Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal), Patience);
        var row = await RowAsync("orders");
        Assert.Equal(("0 2 * * *", true), (row.Schedule!.Cron, row.Schedule.IsOn));
        Assert.Equal(Services.GetRequiredService<Dashboard.Web.Hosting.Viewer>().Zone.Id, row.Schedule.Zone);
        Assert.Equal(JobKeys.Backup, Assert.Single(Services.GetRequiredService<JobFeed>().Snapshot().Of(row.Database.Subject)).Job);
        Assert.StartsWith("Added orders.", Assert.Single(Services.GetRequiredService<ISnackbar>().ShownSnackbars).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Adds_without_schedule_and_backup_when_both_switches_are_off()
    {
        var file = await FileAsync("orders.db");
        var page = Render<AddDatabasePage>();
        await page.TypeAsync("#location", file);
        foreach (var number in new[] { 0, 1 })
        {
            await page.InvokeAsync(() => page.FindAll("input[role=switch]")[number].Change(false));
        }

        await page.SubmitAsync();

        page.WaitForAssertion(() => Assert.Contains("/databases/orders", Services.GetRequiredService<NavigationManager>().Uri), Patience);
        Assert.Null((await RowAsync("orders")).Schedule);
        Assert.Empty(Services.GetRequiredService<JobFeed>().Snapshot().Runs);
    }

    [Fact]
    public async Task Refuses_at_the_field_and_adds_nothing_when_the_path_is_bad()
    {
        var page = Render<AddDatabasePage>();
        await page.TypeAsync("#location", "orders.db");

        await page.SubmitAsync();

        page.WaitForAssertion(() => Assert.Equal("true", page.Find("#location").GetAttribute("aria-invalid")), Patience);
        Assert.Contains("This is not a full path.", page.Find(".place").TextContent);
        Assert.Empty(await Services.GetRequiredService<ReadFleet>().ListAsync(Me, CancellationToken.None));

        await page.TypeAsync("#location", "/");
        page.WaitForAssertion(() => Assert.Equal("false", page.Find("#location").GetAttribute("aria-invalid")), Patience);
    }

    [Fact]
    public async Task Refuses_at_the_name_when_the_name_is_too_long()
    {
        var file = await FileAsync("orders.db");
        var page = Render<AddDatabasePage>();
        await page.TypeAsync("#location", file);
        await page.TypeAsync("#name", new string('x', 121));

        await page.SubmitAsync();

        page.WaitForAssertion(() => Assert.Equal("true", page.Find("#name").GetAttribute("aria-invalid")), Patience);
        Assert.Contains("120 fit", page.Find(".rest").TextContent);
    }

    private static string? Value(IRenderedComponent<AddDatabasePage> page, string selector) => ((IHtmlInputElement)page.Find(selector)).Value;

    private async Task<FleetRow> RowAsync(string slug) => (await Services.GetRequiredService<ReadFleet>().FindAsync(Me, slug, CancellationToken.None))!;

    /// <summary>A database file that nobody has registered.</summary>
    private async Task<string> FileAsync(string name)
    {
        var made = await AddDatabaseAsync("made");
        await Services.GetRequiredService<RemoveDatabase>().RemoveAsync(Me, made.Id, CancellationToken.None);
        var file = Path.Combine(Folder, name);
        File.Move(made.Location, file);
        return file;
    }
}

using Bunit;
using Dashboard.Core.Jobs;
using Dashboard.Web.Layout;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Xunit;

namespace Dashboard.Web.Tests.Layout;

public sealed class CommandPaletteTests : PagesWithRuns
{
    [Fact]
    public async Task Offers_databases_then_actions_then_pages()
    {
        await AddDatabaseAsync("shop");
        var palette = await OpenAsync();

        var hints = palette.FindAll(".palette-hint").Select(hint => hint.TextContent).Distinct();

        Assert.Equal(["Database", "Action", "Page"], hints);
        Assert.Equal("shop", palette.Find("[role=option]").QuerySelector(".palette-label")!.TextContent);
    }

    [Fact]
    public async Task Backs_up_by_two_words_in_any_order_and_Enter()
    {
        var shop = await AddDatabaseAsync("shop");
        await AddDatabaseAsync("wiki");
        var palette = await OpenAsync();

        palette.Find("[role=combobox]").Input("shop b");
        Assert.Equal("Back up shop", Chosen(palette));
        await palette.Find("[role=combobox]").KeyDownAsync(new KeyboardEventArgs { Key = "Enter" });

        var run = Assert.Single(Get<JobFeed>().Snapshot().Runs);
        Assert.Equal((JobKeys.Backup, shop.Subject), (run.Job, run.Subject));
        Assert.Single(JSInterop.Invocations["dashboardKeys.close"]);
    }

    [Fact]
    public async Task Moves_with_the_arrows_and_tells_which_entry_is_chosen()
    {
        await AddDatabaseAsync("shop");
        var palette = await OpenAsync();
        palette.Find("[role=combobox]").Input("shop");
        Assert.Equal("shop", Chosen(palette));

        await palette.Find("[role=combobox]").KeyDownAsync(new KeyboardEventArgs { Key = "ArrowDown" });
        Assert.Equal("Back up shop", Chosen(palette));
        await palette.Find("[role=combobox]").KeyDownAsync(new KeyboardEventArgs { Key = "ArrowUp" });
        await palette.Find("[role=combobox]").KeyDownAsync(new KeyboardEventArgs { Key = "ArrowUp" });
        Assert.Equal("Indexes of shop", Chosen(palette));
        await palette.Find("[role=combobox]").KeyDownAsync(new KeyboardEventArgs { Key = "Enter" });

        Assert.EndsWith(Urls.ForIndexes("shop"), Get<NavigationManager>().Uri);
    }

    [Fact]
    public async Task Says_when_nothing_fits_and_begins_anew_when_it_was_closed()
    {
        var palette = await OpenAsync();
        palette.Find("[role=combobox]").Input("zzz");
        Assert.Contains("Nothing fits “zzz”.", palette.Markup);
        Assert.False(palette.Find("[role=combobox]").HasAttribute("aria-activedescendant"));

        await palette.Find("#palette").TriggerEventAsync("onclose", EventArgs.Empty);

        Assert.NotEmpty(palette.FindAll("[role=option]"));
    }

    [Fact]
    public void Finds_a_short_word_at_the_beginning_of_words_only()
    {
        var items = PaletteItems.All([], []).ToList();

        Assert.Equal(["Backups"], PaletteItems.Find(items, "b").Select(item => item.Label));
        Assert.Contains("Settings", PaletteItems.Find(items, "version").Select(item => item.Label));
    }

    [Fact]
    public void Explains_the_keys()
    {
        var help = Render<KeysHelp>();

        Assert.Equal("keys-help", help.Find("[data-keys-help]").GetAttribute("data-opens"));
        Assert.Contains("Search, or run a command", help.Find("#keys-help").TextContent);
    }

    private async Task<IRenderedComponent<CommandPalette>> OpenAsync()
    {
        var palette = Render<CommandPalette>(parameters => parameters.Add(p => p.Feed, FeedSnapshot.Empty));
        await palette.Find("[data-palette]").ClickAsync();
        return palette;
    }

    private static string Chosen(IRenderedComponent<CommandPalette> palette)
    {
        var chosen = palette.Find("[aria-selected=true]");
        Assert.Equal(palette.Find("[role=combobox]").GetAttribute("aria-activedescendant"), chosen.Id);
        return chosen.QuerySelector(".palette-label")!.TextContent;
    }
}

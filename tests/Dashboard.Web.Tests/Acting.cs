using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Web.Tests;

/// <summary>
/// Acts on a page that renders by itself. Finding and acting are one step of its dispatcher: a render between the two
/// would leave the test with a handler that is gone, which a browser is spared.
/// </summary>
internal static class Acting
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static Task ActAsync<TPage>(this IRenderedComponent<TPage> page, string selector, Action<IElement> act, string? text = null)
        where TPage : IComponent
    {
        page.WaitForAssertion(() => Find(page, selector, text), Patience);
        return page.InvokeAsync(() => act(Find(page, selector, text)));
    }

    public static Task ClickAsync<TPage>(this IRenderedComponent<TPage> page, string selector, string? text = null)
        where TPage : IComponent => page.ActAsync(selector, element => element.Click(), text);

    public static Task TypeAsync<TPage>(this IRenderedComponent<TPage> page, string selector, string typed)
        where TPage : IComponent => page.ActAsync(selector, element => element.Input(typed));

    public static Task SwitchAsync<TPage>(this IRenderedComponent<TPage> page, string selector, bool isOn)
        where TPage : IComponent => page.ActAsync(selector, element => element.Change(isOn));

    /// <summary>What Enter does in a field of the form.</summary>
    public static Task SubmitAsync<TPage>(this IRenderedComponent<TPage> page)
        where TPage : IComponent => page.ActAsync("form", element => element.Submit());

    private static IElement Find<TPage>(IRenderedComponent<TPage> page, string selector, string? text)
        where TPage : IComponent => page.FindAll(selector).First(element => text is null || element.TextContent.Trim() == text);
}

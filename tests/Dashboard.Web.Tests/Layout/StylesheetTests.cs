using System.Text.RegularExpressions;
using Xunit;

namespace Dashboard.Web.Tests.Layout;

/// <summary>trim-mudblazor.mjs leaves out the looks of components that nobody uses; whoever begins to use one learns it here.</summary>
public sealed partial class StylesheetTests
{
    [Fact]
    public void No_component_is_used_whose_looks_are_left_out()
    {
        var unused = Quoted().Matches(List().Match(File.ReadAllText(Path.Combine(Checkout(), "wwwroot-assets", "trim-mudblazor.mjs"))).Value).Select(match => match.Groups[1].Value).ToList();
        var used = Directory.EnumerateFiles(Path.Combine(Checkout(), "src", "Dashboard.Web"), "*.razor", SearchOption.AllDirectories)
            .SelectMany(file => Component().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value.ToUpperInvariant()).Distinct().ToList();

        Assert.NotEmpty(unused);
        Assert.Contains("BUTTON", used);
        Assert.DoesNotContain(used, component => unused.Exists(left => component.StartsWith(left.Replace("-", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase)));
    }

    private static string Checkout()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Dashboard.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside of a checkout.");
        }

        return folder.FullName;
    }

    [GeneratedRegex(@"const unused = \[[^\]]*\]")]
    private static partial Regex List();

    [GeneratedRegex("\"([a-z-]+)\"")]
    private static partial Regex Quoted();

    [GeneratedRegex("<Mud([A-Za-z]+)")]
    private static partial Regex Component();
}

using MudBlazor;

namespace Dashboard.Web.Layout;

/// <summary>Shapes and letters; the colours stand in theme.css, where the first paint finds them.</summary>
internal static class HouseTheme
{
    public static MudTheme Theme { get; } = new()
    {
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "8px", AppbarHeight = "56px" },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = ["system-ui", "Segoe UI", "Roboto", "sans-serif"], FontSize = "0.875rem" },
            Button = new ButtonTypography { TextTransform = "none", FontWeight = "600", LetterSpacing = "0" },
        },
    };
}

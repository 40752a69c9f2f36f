using System.Globalization;
using System.Text;

namespace Dashboard.Core.Databases;

/// <summary>The name of a database in addresses and file names: a-z, 0-9 and '-', at most 60 characters. Pure.</summary>
public static class Slug
{
    private const int MaxLength = 60;

    /// <summary>"Crème brûlée (2)" becomes "creme-brulee-2"; a name without a letter or digit becomes "database".</summary>
    public static string From(string name)
    {
        ArgumentNullException.ThrowIfNull(name);

        var slug = new StringBuilder();
        foreach (var letter in Whole(name).Normalize(NormalizationForm.FormD).ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(letter))
            {
                slug.Append(letter);
            }
            else if (CharUnicodeInfo.GetUnicodeCategory(letter) != UnicodeCategory.NonSpacingMark && slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }
        }

        var cut = slug.ToString(0, Math.Min(slug.Length, MaxLength)).Trim('-');
        return cut.Length == 0 || Reserved.Contains(cut) ? $"database{(cut.Length == 0 ? "" : "-" + cut)}" : cut;
    }

    /// <summary>"shop", or "shop-2" and so on when it is taken.</summary>
    public static string Free(string name, IReadOnlySet<string> taken)
    {
        ArgumentNullException.ThrowIfNull(taken);

        var slug = From(name);
        for (var number = 2; ; number++)
        {
            if (!taken.Contains(slug))
            {
                return slug;
            }

            slug = $"{From(name)}-{number}";
        }
    }

    /// <summary>Words that are addresses of their own, and device names of Windows.</summary>
    private static readonly HashSet<string> Reserved =
        ["add", "con", "prn", "aux", "nul", .. Enumerable.Range(1, 9).SelectMany(number => new[] { $"com{number}", $"lpt{number}" })];

    /// <summary>Half a character, cut off by whoever sent it, can't be normalized.</summary>
    private static string Whole(string name) => string.Concat(name.EnumerateRunes());
}

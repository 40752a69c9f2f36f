using System.Text;

namespace Dashboard.Web;

/// <summary>
/// A name as one part of an address, whatever it holds. What servers, browsers and proxies change on its way (a slash, a dot that begins it,
/// a percent sign) is written as a tilde and two hexadecimal digits for each byte; everything else as every address writes it. Pure.
/// </summary>
public static class AddressWord
{
    private const char Mark = '~';

    public static string Write(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length == 0)
        {
            return Mark.ToString();
        }

        var word = new StringBuilder();
        foreach (var rune in name.EnumerateRunes())
        {
            if (rune.IsAscii && (rune.Value < 32 || (char)rune.Value is '/' or '\\' or '%' or '~' or '?' or '#' or '+' or (char)127 || ((char)rune.Value == '.' && word.Length == 0)))
            {
                word.Append(Mark).Append(rune.Value.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
            }
            else
            {
                word.Append(Uri.EscapeDataString(rune.ToString()));
            }
        }

        return word.ToString();
    }

    /// <summary>The name behind a word that the router has unescaped; what somebody typed by hand is taken as it is.</summary>
    public static string Read(string? word)
    {
        if (word is null or "~")
        {
            return "";
        }

        var name = new StringBuilder();
        for (var position = 0; position < word.Length; position++)
        {
            if (word[position] == Mark && position + 2 < word.Length && byte.TryParse(word.AsSpan(position + 1, 2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var sign))
            {
                name.Append((char)sign);
                position += 2;
            }
            else
            {
                name.Append(word[position]);
            }
        }

        return name.ToString();
    }
}

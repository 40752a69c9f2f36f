using System.Text;

namespace Dashboard.Core.Databases;

/// <summary>What is said of a damaged database, in the same words by a check, a task, a backup and a reading. Pure.</summary>
public static class DamageWords
{
    /// <summary>The store keeps sentences, not kinds: one that speaks of damage is known by these words, which nothing else begins with.</summary>
    private const string Mark = "Damage found";
    private const int LongestName = 60;

    /// <param name="tables">The tables concerned, the first of them first; empty where none could be told.</param>
    /// <param name="lines">What the engine says, line by line.</param>
    public static string Of(IReadOnlyList<string> tables, IEnumerable<string> lines)
    {
        ArgumentNullException.ThrowIfNull(tables);
        return EngineLines.Below(
            tables.Count switch
            {
                0 => $"{Mark}; no table is named.",
                1 => $"{Mark} in table {Name(tables[0])}.",
                _ => $"{Mark} in table {Name(tables[0])} and {Words.Count(tables.Count - 1)} more.",
            },
            lines);
    }

    /// <summary>Where so much is damaged that no table can be looked for.</summary>
    public static string OfDatabase(string name, IEnumerable<string> lines) => EngineLines.Below($"{Mark} in {Name(name)}.", lines);

    public static bool IsIn(string? text) => text?.Contains(Mark, StringComparison.Ordinal) == true;

    /// <summary>A name may hold line breaks and be of any length; in a sentence it is one word.</summary>
    private static string Name(string name)
    {
        var line = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes())
        {
            line.Append(Rune.IsControl(rune) ? new Rune('␤') : rune);
        }

        var (text, length) = (line.ToString(), 0);
        foreach (var rune in text.EnumerateRunes().Take(LongestName))
        {
            length += rune.Utf16SequenceLength;
        }

        return length < text.Length ? text[..length] + "…" : text;
    }
}

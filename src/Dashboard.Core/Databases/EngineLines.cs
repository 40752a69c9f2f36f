namespace Dashboard.Core.Databases;

/// <summary>
/// A text for a person whose first line is the sentence. The lines below it are the engine's own words: a page keeps them in a fold. Pure.
/// </summary>
public static class EngineLines
{
    public static string Below(string sentence, IEnumerable<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        return string.Join('\n', lines.Prepend(sentence));
    }

    public static string Sentence(string text) => Split(text)[0];

    public static IReadOnlyList<string> Of(string text) => Split(text)[1..];

    /// <summary>Several texts as one: their sentences first, then the lines of all.</summary>
    public static string Join(IEnumerable<string> texts)
    {
        var all = texts.ToList();
        return Below(string.Join(' ', all.Select(Sentence)), all.SelectMany(Of));
    }

    /// <summary>The same with another sentence.</summary>
    public static string Reword(string text, Func<string, string> say)
    {
        ArgumentNullException.ThrowIfNull(say);
        return Below(say(Sentence(text)), Of(text));
    }

    private static string[] Split(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } lines ? lines : [""];
}

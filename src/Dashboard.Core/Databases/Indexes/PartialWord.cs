using System.Text.RegularExpressions;

namespace Dashboard.Core.Databases.Indexes;

/// <summary>One word for the rows of a partial index, where its condition is simple enough to have one. Pure.</summary>
internal static partial class PartialWord
{
    /// <summary>"open" for <c>status = 'open'</c>, also where an engine adds the types; null for anything that is not a column compared with one word.</summary>
    public static string? Of(string where)
    {
        var match = OneWord().Match(where);
        return match.Success ? match.Groups["word"].Value : null;
    }

    [GeneratedRegex(@"^\s*\(?\s*""?\w+""?(::\w+)?\s*(=|IS)\s*'(?<word>\p{L}[\p{L}\-]*)'(::[\w ]+)?\s*\)?\s*$", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 200)]
    private static partial Regex OneWord();
}

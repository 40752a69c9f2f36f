namespace Dashboard.Core.Retention;

/// <summary>
/// Looks at the text of a condition before any database does. It must stay inside the brackets that it is put into: brackets and quotes closed in their
/// order, no comment that would swallow ours, no second statement. Pure.
/// </summary>
public static class ConditionText
{
    public const int Longest = 1000;

    /// <param name="quotes">Further signs by which this engine opens a quoted text or name; a condition has to do without them.</param>
    /// <returns>A sentence; null when nothing is wrong with it.</returns>
    public static string? FindFault(string condition, string quotes)
    {
        ArgumentNullException.ThrowIfNull(condition);
        ArgumentNullException.ThrowIfNull(quotes);
        if (condition.Length > Longest)
        {
            return $"The condition is longer than {Longest} characters.";
        }

        var depth = 0;
        for (var at = 0; at < condition.Length; at++)
        {
            var sign = condition[at];
            var next = at + 1 < condition.Length ? condition[at + 1] : ' ';
            if (sign is '\'' or '"')
            {
                // A doubled quote closes and opens again, which comes to the same.
                at = condition.IndexOf(sign, at + 1);
                if (at < 0)
                {
                    return $"A {sign} is not closed.";
                }

                continue;
            }

            if (sign == ';')
            {
                return "The condition must be one expression: it must not hold a “;”.";
            }

            if ((sign == '-' && next == '-') || (sign == '/' && next == '*'))
            {
                return "The condition must not hold a comment.";
            }

            if (sign == '\0' || quotes.Contains(sign, StringComparison.Ordinal))
            {
                return $"The condition must not hold “{(sign == '\0' ? "NUL" : sign)}”. Write texts in '…' and names in \"…\".";
            }

            depth += sign switch { '(' => 1, ')' => -1, _ => 0 };
            if (depth < 0)
            {
                return "A bracket is closed that was not opened.";
            }
        }

        return depth > 0 ? "A bracket is not closed." : null;
    }
}

using System.Globalization;
using System.Text;

namespace Dashboard.Web.Api;

/// <summary>
/// A table as RFC 4180 has it, in UTF-8. A name that a spreadsheet would take for a formula begins with an apostrophe, as OWASP advises
/// (https://owasp.org/www-community/attacks/CSV_Injection); numbers are left alone. Pure.
/// </summary>
internal static class Csv
{
    private const string Dangerous = "=+-@\t\r\n";

    public static string Write(IReadOnlyList<string> heads, IEnumerable<IReadOnlyList<object?>> rows)
    {
        var csv = new StringBuilder();
        Line(csv, heads);
        foreach (var row in rows)
        {
            Line(csv, row);
        }

        return csv.ToString();
    }

    private static void Line(StringBuilder csv, IEnumerable<object?> cells) => csv.AppendJoin(',', cells.Select(Cell)).Append("\r\n");

    private static string Cell(object? value) => value switch
    {
        null => "",
        string text => Quoted(text.Length > 0 && Dangerous.Contains(text[0], StringComparison.Ordinal) ? "'" + text : text),
        bool truth => truth ? "true" : "false",
        DateTimeOffset at => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private static string Quoted(string text) => text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}

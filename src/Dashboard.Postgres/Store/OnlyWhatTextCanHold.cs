using System.Data.Common;
using System.Text;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Dashboard.Postgres.Store;

/// <summary>
/// PostgreSQL's text takes neither NUL nor half a surrogate pair, and SQLite's does. A run's log line that holds one (a broken file name,
/// say) must not keep the run from being closed: they become the sign for what can't be shown.
/// </summary>
internal sealed class OnlyWhatTextCanHold : DbCommandInterceptor
{
    public static readonly OnlyWhatTextCanHold Instance = new();

    private static readonly UTF8Encoding Lenient = new();

    public override DbCommand CommandInitialized(CommandEndEventData eventData, DbCommand result)
    {
        foreach (DbParameter parameter in result.Parameters)
        {
            if (parameter.Value is string text)
            {
                parameter.Value = Of(text);
            }
        }

        return result;
    }

    public static string Of(string text) =>
        text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') || text.Contains('\0', StringComparison.Ordinal)
            ? Lenient.GetString(Lenient.GetBytes(text)).Replace('\0', '\uFFFD')
            : text;
}

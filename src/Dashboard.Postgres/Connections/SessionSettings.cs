using System.Globalization;

namespace Dashboard.Postgres.Connections;

/// <summary>What our statements run with: names of ours are never looked up where others may put something of the same name, and the server keeps the time.</summary>
/// <param name="Patience">For each statement; null for work that may take as long as it takes.</param>
internal sealed record SessionSettings(TimeSpan? Patience)
{
    /// <summary>
    /// Calls that set each of them for the whole session, and the name by which an admin finds it: sent with the login, a pooler would give that name to the
    /// application too.
    /// </summary>
    public string ForSession(string name) =>
        string.Join(", ", Settings.Append(("application_name", name)).Select(setting => $"pg_catalog.set_config('{setting.Item1}', '{setting.Item2}', false)"));

    /// <summary>Statements that set each of them until the transaction ends.</summary>
    public string ForTransaction => string.Join("; ", Settings.Select(setting => $"SET LOCAL {setting.Name} = '{setting.Value}'"));

    private IEnumerable<(string Name, string Value)> Settings =>
    [
        ("search_path", "pg_catalog"),
        ("statement_timeout", Milliseconds(Patience)),
        ("lock_timeout", Patience is null ? "0" : "1000"),
        ("datestyle", "ISO, YMD"),
        ("timezone", "UTC"),
    ];

    public static string Milliseconds(TimeSpan? time) =>
        time is null ? "0" : Math.Max(1, (long)time.Value.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}

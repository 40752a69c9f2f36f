using System.Globalization;
using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Health;

/// <summary>How near the keys of each table are to the last one: after it SQLite gives no AUTOINCREMENT key any more, and guesses others (https://www.sqlite.org/autoinc.html).</summary>
internal sealed class KeysCheck(TimeProvider time) : SqliteCheck
{
    private const string Warn = "warn";
    private const string Fail = "fail";
    private const string Limit = "limit";
    private const string Narrow = "32";

    /// <summary>How long a writer in rollback mode may keep us out.</summary>
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(2);

    public override HealthDescription Description { get; } = new(
        "keys",
        "Keys near their end",
        "The highest key of each table, against the last that there can be. Choose 32 bits where the application keeps keys in such numbers: it then fails long before SQLite does.",
        IsCritical: true)
    {
        NeedsOpenDatabase = true,
        Fields =
        [
            new HealthField(Warn, "Warn from", HealthFieldKind.Number, "70") { Unit = "% used", Min = 1, Max = 100 },
            new HealthField(Fail, "Fail from", HealthFieldKind.Number, "90") { Unit = "% used", Min = 1, Max = 100 },
            new HealthField(Limit, "Keys have", HealthFieldKind.Choice, "64") { Choices = [("64", "64 bits"), (Narrow, "32 bits")] },
        ],
    };

    protected override HealthAnswer Look(string location, HealthValues values, CancellationToken cancellationToken) => SqliteConnections.Watch(location, connection =>
    {
        Patience.HoldSnapshot(connection, location, LockPatience, time, cancellationToken);
        using var interruption = Interruption.On(connection, cancellationToken);
        double limit = values.Text(Limit) == Narrow ? int.MaxValue : long.MaxValue;
        var tables = ReadHighest(connection);
        if (tables.Count == 0)
        {
            return HealthAnswer.Pass("No table has numbered rows.");
        }

        var worst = tables.MaxBy(table => table.Highest);
        var share = Math.Max(0, worst.Highest / limit);
        return HealthAnswer.By(
            share * 100,
            values.Number(Warn),
            values.Number(Fail),
            $"{worst.Name} is the nearest: its highest key is {worst.Highest.ToString("N0", CultureInfo.InvariantCulture)}, {Words.Share(share)} of the last.",
            "Plan keys of another kind for this table, or number its rows anew, before the last key is given.");
    });

    /// <summary>The last key that was given, also where its row is gone; without a row there is none.</summary>
    private static List<(string Name, long Highest)> ReadHighest(SqliteConnection connection)
    {
        var tables = connection.ReadTexts(
            """
            SELECT name
            FROM pragma_table_list
            WHERE schema = 'main'
                AND type = 'table'
                AND wr = 0
                AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
            ORDER BY name
            """);
        var given = connection.ReadLong("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'sqlite_sequence'") == 0
            ? []
            : connection.ReadRows("SELECT name, MAX(seq) FROM sqlite_sequence WHERE typeof(seq) = 'integer' GROUP BY name", row => (Name: row.GetString(0), Highest: row.GetInt64(1))).ToDictionary(row => row.Name, row => row.Highest, StringComparer.Ordinal);
        List<(string, long)> highest = [];
        foreach (var table in tables)
        {
            var rows = connection.ReadRows($"SELECT _rowid_ FROM main.{SqliteStatements.Quoted(table)} ORDER BY _rowid_ DESC LIMIT 1", row => row.GetInt64(0));
            if (rows.Count > 0 || given.ContainsKey(table))
            {
                highest.Add((table, Math.Max(rows.FirstOrDefault(), given.GetValueOrDefault(table))));
            }
        }

        return highest;
    }
}

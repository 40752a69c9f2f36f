using System.Globalization;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Schemas;
using Dashboard.Sqlite.States;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Maintenance;

/// <summary>Finds rows whose parent is not there (https://www.sqlite.org/pragma.html#pragma_foreign_key_check): SQLite enforces foreign keys only where its application asked for it.</summary>
internal sealed class ForeignKeyCheckTask(TimeProvider time) : SqliteTask(time)
{
    public const string Key = "foreign-keys";

    private const int RowsShown = 5;

    protected override bool OnlyReads => true;

    public override MaintenanceDescription Description { get; } = new(
        Key,
        "Check foreign keys",
        "Check the foreign keys of {0}",
        "Looks for orphans: rows that name a parent which is not there. It counts and shows them, and changes nothing.",
        "Nobody waits in WAL mode. In rollback mode whoever writes waits until it is done.",
        "No room. A look into the parent for each row that has one.");

    protected override MaintenanceOutlook LookAhead(Ground ground, CancellationToken cancellationToken) => SqliteConnections.Watch(ground.Location, connection =>
    {
        var keys = connection.ReadLong("SELECT COUNT(*) FROM (SELECT DISTINCT tables.name, keys.id FROM sqlite_schema AS tables, pragma_foreign_key_list(tables.name) AS keys WHERE tables.type = 'table')");
        return keys == 0
            ? new MaintenanceOutlook(MaintenanceWorth.No, "No table has a foreign key.")
            : new MaintenanceOutlook(MaintenanceWorth.Unknown, $"{Words.Count(keys, "foreign key")} to look at.");
    });

    protected override MaintenanceResult Run(Ground ground, RunProgress progress, CancellationToken cancellationToken) => SqliteConnections.Watch(ground.Location, connection =>
    {
        Patience.HoldSnapshot(connection, ground.Location, LockPatience, Time, cancellationToken);
        progress.Phase("Looking for orphans");
        using var interruption = Interruption.On(connection, cancellationToken, bytes => progress.Report(bytes));
        List<Orphans> found = [];
        List<string> left = [];
        foreach (var table in Tables.Read(connection))
        {
            try
            {
                found.AddRange(FindOrphans(connection, table));
            }
            catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_ERROR)
            {
                // A key that points to columns which are not unique, say: it costs the other tables nothing.
                left.Add($"{table} can't be checked: {MissingPart.Reason(error)}");
            }
        }

        var rows = found.Sum(orphans => orphans.Rows);
        return rows > 0 ? Describe(found, rows, left)
            : left.Count > 0 ? new MaintenanceResult("Every row that can be checked has its parent.", $"{Words.Count(left.Count, "table")} can't be checked.", "Where something is missing here, run PRAGMA foreign_key_check from the application. Else correct the foreign key: it must point to columns that are unique together.") { Findings = left }
            : new MaintenanceResult("Every row has its parent.");
    });

    private static MaintenanceResult Describe(List<Orphans> found, long rows, List<string> left)
    {
        var tables = Words.List([.. found.Select(orphans => orphans.Table).Distinct()]);
        return new MaintenanceResult(
            $"Found {Words.Count(rows, "orphan")}.",
            $"{Words.Count(rows, "row")} of {tables} {(rows == 1 ? "names a parent that is" : "name parents that are")} not there.",
            "Look at these rows in the application: bring the parents back, or remove the rows on the maintenance page. Let the application set PRAGMA foreign_keys = ON.")
        {
            Findings = [.. found.Select(Describe), .. left],
        };
    }

    private sealed record Orphans(string Table, string Parent, long Rows, IReadOnlyList<long> First);

    /// <summary>Counted by SQLite, for a table may hold millions of them.</summary>
    private static List<Orphans> FindOrphans(SqliteConnection connection, string table) => connection.ReadRows(
        """
        SELECT
            parent,
            COUNT(*),
            (SELECT group_concat(rowid) FROM (SELECT rowid FROM pragma_foreign_key_check($table) WHERE fkid = found.fkid LIMIT $shown))
        FROM pragma_foreign_key_check($table) AS found
        GROUP BY fkid, parent
        """,
        row => new Orphans(table, row.GetString(0), row.GetInt64(1), row.IsDBNull(2) ? [] : [.. row.GetString(2).Split(',').Select(number => long.Parse(number, CultureInfo.InvariantCulture))]),
        ("$table", table),
        ("$shown", RowsShown));

    private static string Describe(Orphans orphans)
    {
        var where = orphans.First.Count == 0 ? "" : $" (rowid {string.Join(", ", orphans.First)}{(orphans.Rows > orphans.First.Count ? ", …" : "")})";
        return $"{orphans.Table} → {orphans.Parent}: {Words.Count(orphans.Rows, "row")}{where}";
    }
}

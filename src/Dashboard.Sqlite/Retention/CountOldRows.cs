using Dashboard.Core.Retention;
using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Retention;

/// <summary>What a run would do, counted without a change.</summary>
internal static class CountOldRows
{
    public static RowPreview Run(SqliteConnection connection, RowGuard guard, string location, RowSelection selection)
    {
        var target = RowTarget.Read(connection, selection.Time.Table, location);
        var at = RowSql.At(selection.Time.Table, selection.Time.Column, selection.Time.Kind);
        var held = string.Join(" OR ", target.Holding(selection).Select(key => RowSql.IsPointedTo(target, key)));
        guard.Demand(selection);
        using var reading = guard.Read();
        var rows = connection.ReadRows(
            $"""
            SELECT count(*), sum(is_unreadable), sum(is_old), sum(is_held), min(CASE WHEN is_old AND NOT is_held THEN at END), max(CASE WHEN is_old AND NOT is_held THEN at END)
            FROM (
                SELECT {at} AS at,
                    ({at}) IS NULL AS is_unreadable,
                    ifnull({RowSql.IsOld(selection)}, 0) AS is_old,
                    CASE WHEN ifnull({RowSql.IsOld(selection)}, 0) THEN {(held.Length == 0 ? "0" : held)} ELSE 0 END AS is_held
                FROM {RowSql.Table(selection.Time.Table)})
            """,
            row => (Total: row.GetInt64(0), Unreadable: Long(row, 1), Old: Long(row, 2), Held: Long(row, 3), Oldest: Moment(row, 4), Newest: Moment(row, 5)),
            Values(selection));
        var counts = rows[0];
        var effects = target.Incoming.Select(key => new RowEffect(
            key.Reference,
            connection.ReadRows(RowSql.CountPointing(target, key, selection), row => row.GetInt64(0), Values(selection))[0]));
        return new RowPreview(counts.Total, counts.Old - counts.Held, counts.Held, counts.Unreadable, counts.Oldest, counts.Newest, [.. effects]);
    }

    public static RowClock ReadClock(SqliteConnection connection, RowGuard guard, string location, RowTime time)
    {
        RowTarget.Read(connection, time.Table, location);
        using var reading = guard.Read();
        var newest = connection.ReadRows($"SELECT max({RowSql.At(time.Table, time.Column, time.Kind)}) FROM {RowSql.Table(time.Table)}", row => Moment(row, 0), ("$offset", time.Offset.TotalSeconds));
        return new RowClock(newest[0], null);
    }

    public static (string Name, object Value)[] Values(RowSelection selection) =>
        [("$cut", (double)selection.Cutoff.ToUnixTimeSeconds()), ("$offset", selection.Time.Offset.TotalSeconds)];

    public static DateTimeOffset? Moment(SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : DateTimeOffset.UnixEpoch.AddSeconds(row.GetDouble(column));

    private static long Long(SqliteDataReader row, int column) => row.IsDBNull(column) ? 0 : row.GetInt64(column);
}

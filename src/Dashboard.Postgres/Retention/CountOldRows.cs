using Dashboard.Core.Retention;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Retention;

/// <summary>What a run would do, counted in a transaction that may not write.</summary>
internal static class CountOldRows
{
    public static async Task<RowPreview> RunAsync(NpgsqlConnection connection, RowTarget target, RowSelection selection, CancellationToken cancellationToken)
    {
        var at = RowSql.At(target.Name, selection.Time.Column, selection.Time.Kind);
        var held = string.Join(" OR ", target.Holding(selection).Select(key => RowSql.IsPointedTo(target, key)));
        var values = Values(selection);
        var counts = (await connection.ListAsync(
            $"""
            SELECT count(*),
                   count(*) FILTER (WHERE at IS NULL),
                   count(*) FILTER (WHERE is_old),
                   count(*) FILTER (WHERE is_held),
                   min(at) FILTER (WHERE is_old AND NOT is_held),
                   max(at) FILTER (WHERE is_old AND NOT is_held)
            FROM (
                SELECT {at} AS at,
                       {RowSql.IsOld(target, selection)} AS is_old,
                       CASE WHEN {RowSql.IsOld(target, selection)} THEN {(held.Length == 0 ? "false" : held)} ELSE false END AS is_held
                FROM {RowSql.Table(target)}) AS counted
            """,
            row => (Total: row.GetInt64(0), Unreadable: row.GetInt64(1), Old: row.GetInt64(2), Held: row.GetInt64(3), Oldest: Moment(row, 4), Newest: Moment(row, 5)),
            cancellationToken,
            values))[0];
        List<RowEffect> effects = [];
        foreach (var key in target.Incoming)
        {
            effects.Add(new RowEffect(key.Reference, await connection.AskAsync<long>(RowSql.CountPointing(target, key, selection), cancellationToken, values)));
        }

        return new RowPreview(counts.Total, counts.Old - counts.Held, counts.Held, counts.Unreadable, counts.Oldest, counts.Newest, effects);
    }

    public static async Task<RowClock> ReadClockAsync(NpgsqlConnection connection, RowTarget target, RowTime time, CancellationToken cancellationToken) => (await connection.ListAsync(
        $"SELECT max({RowSql.At(target.Name, time.Column, time.Kind)}), extract(epoch FROM clock_timestamp())::float8 FROM {RowSql.Table(target)} WHERE $1::float8 IS NOT NULL",
        row => new RowClock(Moment(row, 0), Moment(row, 1)),
        cancellationToken,
        0.0,
        time.Offset.TotalSeconds))[0];

    public static object[] Values(RowSelection selection) => [(double)selection.Cutoff.ToUnixTimeSeconds(), selection.Time.Offset.TotalSeconds];

    public static DateTimeOffset? Moment(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : DateTimeOffset.UnixEpoch.AddSeconds(row.GetDouble(column));
}

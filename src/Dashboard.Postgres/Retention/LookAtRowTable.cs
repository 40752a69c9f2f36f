using Dashboard.Core.Retention;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Retention;

/// <summary>The columns of a table that can hold a time: by their type, or by what some of its rows show.</summary>
internal static class LookAtRowTable
{
    private const int SampleRows = 200;

    private static readonly string[] Numbers = ["int4", "int8", "float4", "float8", "numeric"];

    private static readonly string[] Likely = ["created", "logged", "occurred", "timestamp", "time", "date", "_at", "ts", "when"];

    public static async Task<RowTable> RunAsync(NpgsqlConnection connection, PostgresLocation at, string table, CancellationToken cancellationToken)
    {
        var target = await RowTarget.ReadAsync(connection, at, table, cancellationToken);
        List<TimeColumn> columns = [];
        foreach (var column in target.Columns)
        {
            if (await LookAsync(connection, target, column, cancellationToken) is { } seen)
            {
                columns.Add(seen);
            }
        }

        var triggers = await connection.ListAsync(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = $1::bigint::oid AND NOT tgisinternal AND tgtype & 8 <> 0 ORDER BY tgname",
            row => row.GetString(0),
            cancellationToken,
            (long)target.Oid);
        return new RowTable(
            table,
            [.. columns.OrderBy(column => column.Kind is null).ThenBy(column => Array.FindIndex(Likely, word => column.Name.Contains(word, StringComparison.OrdinalIgnoreCase)) is var rank && rank < 0 ? Likely.Length : rank)],
            [.. target.Incoming.Select(key => key.Reference)],
            triggers,
            await FindRefusalAsync(connection, target, cancellationToken))
        {
            Kinds = Enum.GetValues<TimeKind>(),
        };
    }

    private static async Task<TimeColumn?> LookAsync(NpgsqlConnection connection, RowTarget target, RowColumn column, CancellationToken cancellationToken)
    {
        var (kind, type) = column switch
        {
            { TypeName: "timestamptz" } => (TimeKind.TimestampWithZone, "text"),
            { TypeName: "timestamp" } => (TimeKind.Timestamp, "text"),
            { TypeName: "date" } => (TimeKind.Date, "text"),
            { IsText: true } => ((TimeKind?)null, "text"),
            _ when Numbers.Contains(column.TypeName) => (null, "float8"),
            _ => (null, ""),
        };
        if (type.Length == 0)
        {
            return null;
        }

        // The first rows as they lie: an order would have to read all of them.
        var values = await connection.ListAsync(
            $"SELECT {(type == "text" ? "left(value::text, 40)" : "value::float8")} FROM (SELECT {RowSql.Column(target.Name, column.Name)} AS value FROM {RowSql.Table(target)} LIMIT {SampleRows}) AS sample WHERE value IS NOT NULL",
            row => (object?)row.GetValue(0),
            cancellationToken);
        kind ??= ReadTime.Detect(values);
        return new TimeColumn(column.Name, column.DeclaredType, kind, ReadTime.ExampleOf(values, kind));
    }

    private static async Task<string?> FindRefusalAsync(NpgsqlConnection connection, RowTarget target, CancellationToken cancellationToken)
    {
        var facts = (await connection.ListAsync(
            """
            SELECT c.relkind::text,
                   places.may_write,
                   places.sees_some,
                   pg_is_in_recovery(),
                   places.is_elsewhere
            FROM pg_class c
            CROSS JOIN LATERAL (
                SELECT bool_and(has_table_privilege(l.oid, 'SELECT') AND has_table_privilege(l.oid, 'DELETE') AND has_table_privilege(l.oid, 'UPDATE')) AS may_write,
                       bool_or(l.relrowsecurity AND row_security_active(l.oid)) AS sees_some,
                       bool_or(l.relkind = 'f') AS is_elsewhere
                FROM pg_class l
                WHERE l.oid = c.oid OR l.oid IN (SELECT relid FROM pg_partition_tree(c.oid))) places
            WHERE c.oid = $1::bigint::oid
            """,
            row => (Kind: row.GetString(0), MayWrite: row.GetBoolean(1), SeesSome: row.GetBoolean(2), IsStandby: row.GetBoolean(3), IsElsewhere: row.GetBoolean(4)),
            cancellationToken,
            (long)target.Oid))[0];
        return facts switch
        {
            { IsStandby: true } => "This server is a standby and can't be written. Make the rule for its primary.",
            { Kind: "m" } => "This is a materialized view: its rows come from its query.",
            { IsElsewhere: true } => $"A partition of {target.Name} is a foreign table: its rows are on another server.",
            { MayWrite: false } => $"This login may not remove rows of {target.Name}: it needs SELECT, UPDATE and DELETE.",
            { SeesSome: true } => $"Policies hide rows of {target.Name} from this login, so what would go can't be counted.",
            _ => null,
        };
    }
}

using System.Globalization;
using Dashboard.Core.Retention;
using Dashboard.Postgres.Schemas;

namespace Dashboard.Postgres.Retention;

/// <summary>The words in which rows are asked for. Names are quoted, values are parameters: $1 is the cutoff and $2 how far times without a zone are ahead of UTC, both in seconds.</summary>
internal static class RowSql
{
    private const string Pointing = "\"dashboard pointing\"";

    private const string LastOfADay = "86399.999";

    /// <summary>As <see cref="ReadTime"/> reads a text; days of a month are looked at before anything is made of it, for a cast that fails ends the statement.</summary>
    private const string Iso = "^(199[0-9]|20[0-9][0-9]|21[0-9][0-9])-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?( ?([Zz]|[+-](0[0-9]|1[0-4]):[0-5][0-9]))?)?$";

    /// <summary>Of this table alone, not of those that inherit from it; under its bare name, so that a condition may write it.</summary>
    public static string Table(TableName table) => $"ONLY {table.ToSql()} AS {TableName.Quote(table.Name)}";

    /// <summary>The same of a table with its partitions, or of one of them, which goes by the name of the whole.</summary>
    public static string Table(RowTarget target) => target.IsPartitioned
        ? $"{target.Name.ToSql()} AS {TableName.Quote(target.Name.Name)}"
        : $"ONLY {(target.Partition ?? target.Name).ToSql()} AS {TableName.Quote(target.Name.Name)}";

    public static string Column(TableName table, string column) => $"{TableName.Quote(table.Name)}.{TableName.Quote(column)}";

    /// <summary>Seconds since 1970 UTC of the moment that a value tells, NULL where it tells none. A date is over when its day is.</summary>
    public static string At(TableName table, string column, TimeKind kind)
    {
        var value = Column(table, column);
        return kind switch
        {
            TimeKind.TimestampWithZone => $"CASE WHEN {Within(value, "timestamptz", "+00")} THEN extract(epoch FROM {value})::float8 END",
            TimeKind.Timestamp => $"CASE WHEN {Within(value, "timestamp", "")} THEN extract(epoch FROM {value})::float8 - $2 END",
            TimeKind.Date => $"CASE WHEN {value} BETWEEN date '1990-01-01' AND date '2199-12-31' THEN extract(epoch FROM {value})::float8 + {LastOfADay} - $2 END",
            TimeKind.UnixSeconds => Number(value, "1.0"),
            TimeKind.UnixMilliseconds => Number(value, "1000.0"),
            TimeKind.JulianDay => string.Create(
                CultureInfo.InvariantCulture,
                $"CASE WHEN ({value} - {ReadTime.JulianEpoch}) * {ReadTime.SecondsOfADay} BETWEEN {ReadTime.EarliestSeconds} AND {ReadTime.LatestSeconds} THEN (({value} - {ReadTime.JulianEpoch}) * {ReadTime.SecondsOfADay})::float8 + CASE WHEN pg_typeof({value}) IN ('int4'::regtype, 'int8'::regtype) THEN {LastOfADay} ELSE 0.001 END END"),
            TimeKind.IsoText =>
                $"""
                CASE
                    WHEN {value} IS NULL OR {value}::text !~ '{Iso}' THEN NULL
                    WHEN substr({value}::text, 9, 2)::int > extract(day FROM make_date(substr({value}::text, 1, 4)::int, substr({value}::text, 6, 2)::int, 1) + interval '1 month' - interval '1 day') THEN NULL
                    WHEN length({value}::text) = 10 THEN extract(epoch FROM {value}::text::timestamp)::float8 + {LastOfADay} - $2
                    WHEN {value}::text ~ '([Zz]|[+-][0-9][0-9]:[0-9][0-9])$' AND {value}::text !~ '^[^:]*$' THEN extract(epoch FROM {value}::text::timestamptz)::float8
                    ELSE extract(epoch FROM {value}::text::timestamp)::float8 - $2
                END
                """,
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
    }

    /// <summary>The rows that are old enough and match, whether somebody refers to them or not. A condition stands on lines of its own in its own brackets.</summary>
    public static string IsOld(RowTarget target, RowSelection selection)
    {
        var old = $"coalesce({At(target.Name, selection.Time.Column, selection.Time.Kind)} < $1, false)";
        return selection.Condition is { } condition ? $"{old} AND coalesce((\n{condition}\n), false)" : old;
    }

    /// <summary>Of those the rows that nobody holds.</summary>
    public static string Goes(RowTarget target, RowSelection selection) =>
        string.Concat(IsOld(target, selection), string.Concat(target.Holding(selection).Select(key => $" AND NOT {IsPointedTo(target, key)}")));

    public static string IsPointedTo(RowTarget target, IncomingKey key)
    {
        // A row that points to itself holds nobody.
        var others = key.IsSelf ? $" AND ({Pointing}.tableoid, {Pointing}.ctid) <> ({TableName.Quote(target.Name.Name)}.tableoid, {TableName.Quote(target.Name.Name)}.ctid)" : "";
        return $"EXISTS (SELECT FROM {key.ChildName.ToSql()} AS {Pointing} WHERE {Links(target, key)}{others})";
    }

    public static string CountPointing(RowTarget target, IncomingKey key, RowSelection selection) =>
        $"SELECT count(*) FROM {key.ChildName.ToSql()} AS {Pointing} WHERE EXISTS (SELECT FROM {Table(target)} WHERE {Links(target, key)} AND {IsOld(target, selection)})";

    private static string Links(RowTarget target, IncomingKey key) =>
        string.Join(" AND ", key.Reference.Columns.Zip(key.ParentColumns, (child, parent) => $"{Column(target.Name, parent)} = {Pointing}.{TableName.Quote(child)}"));

    private static string Within(string value, string type, string zone) => $"{value} >= {type} '1990-01-01 00:00:00{zone}' AND {value} < {type} '2200-01-01 00:00:00{zone}'";

    private static string Number(string value, string unit) =>
        $"CASE WHEN {value} / {unit} BETWEEN {ReadTime.EarliestSeconds} AND {ReadTime.LatestSeconds} THEN ({value} / {unit})::float8 END";
}

using System.Globalization;
using Dashboard.Core.Retention;
using Dashboard.Sqlite.Connections;

namespace Dashboard.Sqlite.Retention;

/// <summary>The words in which rows are asked for. Names are quoted, values are parameters; a condition stands in brackets of its own.</summary>
internal static class RowSql
{
    /// <summary>Whoever points to the row that is looked at; no table is called so by accident.</summary>
    private const string Pointing = "\"dashboard pointing\"";

    private const string LastOfADay = "86399.999";

    public static string Table(string table) => $"main.{SqliteStatements.Quoted(table)} AS {SqliteStatements.Quoted(table)}";

    public static string Column(string table, string column) => $"{SqliteStatements.Quoted(table)}.{SqliteStatements.Quoted(column)}";

    public static string Probe(string table, string condition) => $"SELECT 1 FROM {Table(table)} WHERE {Bracketed(condition)}";

    /// <summary>
    /// Seconds since 1970 UTC of the moment that a value tells, NULL where it tells none. What SQLite's own functions would read beside dates is left out:
    /// "12:00" is a day of the year 2000 to them, and "now" is today. A date without a time is over when its day is.
    /// </summary>
    /// <remarks>$offset are the seconds that times without a zone are ahead of UTC.</remarks>
    public static string At(string table, string column, TimeKind kind)
    {
        var value = Column(table, column);
        return kind switch
        {
            TimeKind.IsoText => string.Create(
                CultureInfo.InvariantCulture,
                $"""
                CASE
                    WHEN typeof({value}) <> 'text' OR {value} NOT GLOB '[12][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]*' OR {value} GLOB '*[^-0-9TZz:+. ]*' OR trim({value}) <> {value} OR length({value}) BETWEEN 11 AND 15 THEN NULL
                    WHEN date(substr({value}, 1, 10)) <> substr({value}, 1, 10) OR unixepoch({value}) IS NULL OR unixepoch({value}) NOT BETWEEN {ReadTime.EarliestSeconds} AND {ReadTime.LatestSeconds} THEN NULL
                    WHEN length({value}) = 10 THEN unixepoch({value}) + {LastOfADay} - $offset
                    WHEN {value} GLOB '*[Zz]' OR {value} GLOB '*[-+][0-9][0-9]:[0-9][0-9]' THEN unixepoch({value}, 'subsec')
                    ELSE unixepoch({value}, 'subsec') - $offset
                END
                """),
            TimeKind.UnixSeconds => Number(value, "1.0"),
            TimeKind.UnixMilliseconds => Number(value, "1000.0"),

            // A whole number names a day, and a fraction is true to some microseconds only.
            TimeKind.JulianDay => string.Create(
                CultureInfo.InvariantCulture,
                $"CASE WHEN typeof({value}) IN ('integer', 'real') AND ({value} - {ReadTime.JulianEpoch}) * {ReadTime.SecondsOfADay} BETWEEN {ReadTime.EarliestSeconds} AND {ReadTime.LatestSeconds} THEN ({value} - {ReadTime.JulianEpoch}) * {ReadTime.SecondsOfADay} + CASE typeof({value}) WHEN 'integer' THEN {LastOfADay} ELSE 0.001 END END"),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
    }

    /// <summary>The rows that are old enough ($cut) and match, whether somebody refers to them or not.</summary>
    public static string IsOld(RowSelection selection)
    {
        var old = $"{At(selection.Time.Table, selection.Time.Column, selection.Time.Kind)} < $cut";
        return selection.Condition is { } condition ? $"{old} AND {Bracketed(condition)}" : old;
    }

    /// <summary>Of those the rows that nobody holds.</summary>
    public static string Goes(RowTarget target, RowSelection selection) =>
        string.Concat(IsOld(selection), string.Concat(target.Holding(selection).Select(key => $" AND NOT {IsPointedTo(target, key)}")));

    /// <summary>Whether a row of the child points to the row.</summary>
    public static string IsPointedTo(RowTarget target, IncomingKey key)
    {
        var links = key.Reference.Columns.Zip(key.ParentColumns, (child, parent) => $"{Column(target.Table, parent)} = {Pointing}.{SqliteStatements.Quoted(child)}");

        // A row that points to itself holds nobody.
        var others = key.IsSelf ? [$"NOT ({string.Join(" AND ", target.Key.Select(part => $"{Pointing}.{part} = {SqliteStatements.Quoted(target.Table)}.{part}"))})"] : Array.Empty<string>();
        return $"EXISTS (SELECT 1 FROM main.{SqliteStatements.Quoted(key.Reference.Child)} AS {Pointing} WHERE {string.Join(" AND ", links.Concat(others))})";
    }

    /// <summary>Rows of the child that point to a row that is old enough.</summary>
    public static string CountPointing(RowTarget target, IncomingKey key, RowSelection selection)
    {
        var links = key.Reference.Columns.Zip(key.ParentColumns, (child, parent) => $"{Column(target.Table, parent)} = {Pointing}.{SqliteStatements.Quoted(child)}");
        return $"SELECT count(*) FROM main.{SqliteStatements.Quoted(key.Reference.Child)} AS {Pointing} WHERE EXISTS (SELECT 1 FROM {Table(target.Table)} WHERE {string.Join(" AND ", links)} AND {IsOld(selection)})";
    }

    /// <summary>On a line of its own, so that nothing in it can swallow the bracket.</summary>
    private static string Bracketed(string condition) => $"(\n{condition}\n)";

    private static string Number(string value, string unit) => string.Create(
        CultureInfo.InvariantCulture,
        $"CASE WHEN typeof({value}) IN ('integer', 'real') AND {value} / {unit} BETWEEN {ReadTime.EarliestSeconds} AND {ReadTime.LatestSeconds} THEN {value} / {unit} END");
}

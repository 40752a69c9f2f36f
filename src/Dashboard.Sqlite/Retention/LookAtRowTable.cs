using Dashboard.Core.Retention;
using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Retention;

/// <summary>The columns of a table with the kind of time that some of its first and last rows show.</summary>
internal static class LookAtRowTable
{
    private const int SampleRows = 200;

    private static readonly TimeKind[] Kinds = [TimeKind.IsoText, TimeKind.UnixSeconds, TimeKind.UnixMilliseconds, TimeKind.JulianDay];

    /// <summary>Of several times of a row its birth is most likely meant.</summary>
    private static readonly string[] Likely = ["created", "logged", "occurred", "timestamp", "time", "date", "_at", "ts", "when"];

    public static RowTable Run(SqliteConnection connection, string location, string table)
    {
        var target = RowTarget.Read(connection, table, location);
        var sample = Sample(connection, target, "").Concat(Sample(connection, target, " DESC")).ToList();
        var columns = target.Columns.Select((column, at) =>
        {
            var values = sample.Select(row => row[at]).ToList();
            var kind = ReadTime.Detect(values);
            return new TimeColumn(column.Name, column.DeclaredType, kind, ReadTime.ExampleOf(values, kind));
        });
        return new RowTable(
            table,
            [.. columns.OrderBy(column => column.Kind is null).ThenBy(column => Array.FindIndex(Likely, word => column.Name.Contains(word, StringComparison.OrdinalIgnoreCase)) is var rank && rank < 0 ? Likely.Length : rank)],
            [.. target.Incoming.Select(key => key.Reference)],
            connection.ReadRows("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = $table COLLATE NOCASE AND sql LIKE '%DELETE%' ORDER BY name", row => row.GetString(0), ("$table", table)))
        {
            Kinds = Kinds,
        };
    }

    private static List<object?[]> Sample(SqliteConnection connection, RowTarget target, string direction)
    {
        var values = target.Columns.Select(column => RowSql.Column(target.Table, column.Name)).Select(value => $"CASE typeof({value}) WHEN 'text' THEN substr({value}, 1, 40) WHEN 'blob' THEN NULL ELSE {value} END");
        return connection.ReadRows(
            $"SELECT {string.Join(", ", values)} FROM {RowSql.Table(target.Table)} ORDER BY {string.Join(", ", target.Key.Select(part => part + direction))} LIMIT {SampleRows}",
            row => Enumerable.Range(0, target.Columns.Count).Select(at => row.GetValue(at) is var value && value is DBNull ? null : value).ToArray());
    }
}

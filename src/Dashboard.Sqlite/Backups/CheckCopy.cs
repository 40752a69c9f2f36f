using System.Globalization;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.States;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Backups;

/// <summary>Checks a copy that no one else uses: its structure, then its rows.</summary>
internal static class CheckCopy
{
    private const int ProblemsShown = 20;

    public static CopyCheck Run(
        string file,
        IReadOnlyList<TableRows>? expected,
        CheckDepth depth,
        RunProgress progress,
        CancellationToken cancellationToken)
    {
        if (!File.Exists(file))
        {
            throw new DatabaseMissingException($"The copy {file} is not there.");
        }

        if (new FileInfo(file).Length == 0)
        {
            return new CopyCheck(["The copy is empty (0 bytes)."], []);
        }

        progress.Phase("Checking");
        try
        {
            using var connection = SqliteConnections.OpenUnlocked(file);
            using var interruption = Interruption.On(connection, cancellationToken, bytes => progress.Report(bytes));
            var problems = CheckStructure(connection, depth, progress).ToList();
            IReadOnlyList<TableRows> rows = [.. Tables.Read(connection).Select(table => new TableRows(table, Tables.Count(connection, table)))];
            problems.AddRange(Differences(expected ?? [], rows));
            return new CopyCheck(problems, rows);
        }
        catch (SqliteException error) when (error.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB)
        {
            return new CopyCheck([error.Message], []);
        }
    }

    public static IEnumerable<string> CheckStructure(SqliteConnection connection, CheckDepth depth, RunProgress progress)
    {
        var pragma = depth == CheckDepth.Full ? "integrity_check" : "quick_check";
        try
        {
            return Problems(connection, $"PRAGMA {pragma}({ProblemsShown})");
        }
        catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_ERROR)
        {
            // Something in the schema needs its application: a collation, a function, a tokenizer. The rest can be checked.
            progress.Warn($"A part of it can't be checked without its application ({error.Message}).");
            return CheckByTable(connection, pragma);
        }
    }

    private static List<string> CheckByTable(SqliteConnection connection, string pragma)
    {
        var problems = new List<string>();
        foreach (var table in Tables.Read(connection))
        {
            try
            {
                problems.AddRange(Problems(connection, $"PRAGMA {pragma}({SqliteStatements.Quoted(table)})"));
            }
            catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_ERROR)
            {
                // Read to its end at least.
                Tables.Count(connection, table);
            }
        }

        return problems;
    }

    private static IReadOnlyList<string> Problems(SqliteConnection connection, string pragma)
    {
        List<string> answer = [];
        try
        {
            connection.ReadRows(pragma, row => answer.AddRange(row.GetString(0).Split('\n')));
        }
        catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_CORRUPT)
        {
            // It gives up in the middle where a page can't be followed; what it had said by then counts.
            answer.Add(error.Message);
        }

        // What it says of b-trees comes as one value of many lines under a heading.
        return answer is ["ok"] ? [] : [.. answer.Where(line => !line.StartsWith("*** in database", StringComparison.Ordinal))];
    }

    private static IEnumerable<string> Differences(IReadOnlyList<TableRows> expected, IReadOnlyList<TableRows> found)
    {
        var rows = found.ToDictionary(table => table.Table, table => table.Rows, StringComparer.Ordinal);
        foreach (var table in expected)
        {
            if (!rows.TryGetValue(table.Table, out var count))
            {
                yield return $"The table {table.Table} is missing.";
            }
            else if (count != table.Rows)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"The table {table.Table} has {count} rows instead of {table.Rows}.");
            }
        }
    }
}

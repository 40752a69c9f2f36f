using System.Globalization;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Integrity;
using Dashboard.Sqlite.States;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Backups;

/// <summary>Checks a copy that no one else uses: its structure, then its rows.</summary>
internal static class CheckCopy
{
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
            var structure = CheckStructure.Run(connection, depth);
            IReadOnlyList<TableRows> rows = [.. Tables.Read(connection).Select(table => new TableRows(table, Tables.Count(connection, table)))];
            return new CopyCheck([.. structure.Problems, .. Differences(expected ?? [], rows)], rows) { Notes = [.. structure.Searches, .. structure.Unchecked] };
        }
        catch (SqliteException error) when (error.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB)
        {
            return new CopyCheck([SqliteErrors.Said(error)], []);
        }
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

using Dashboard.Core.Backups;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Schemas;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Integrity;

/// <summary>What a check of the structure found.</summary>
/// <param name="Problems">Damage.</param>
/// <param name="Searches">Full-text indexes that do not fit the rows that they are made of. No row is lost by that, and a rebuild corrects it.</param>
/// <param name="Unchecked">What could not be looked into, by name.</param>
internal sealed record StructureFindings(IReadOnlyList<string> Problems, IReadOnlyList<string> Searches, IReadOnlyList<string> Unchecked);

/// <summary>
/// SQLite's own check of pages, tables, indexes, full-text tables and r-trees (https://www.sqlite.org/pragma.html#pragma_integrity_check), around what needs its application,
/// with what SQLite leaves out: full-text indexes of another table's rows, and geopoly. CHECK rules are not tested: SQLite does not even read them where it may not write.
/// </summary>
internal static class CheckStructure
{
    private const int ProblemsShown = 20;

    /// <summary>How SQLite begins what it says of a full-text index. All else is of pages, tables and indexes.</summary>
    private static readonly string[] OfSearches = ["malformed inverted index for FTS", "unable to validate the inverted index for FTS", "fts5: "];

    public static StructureFindings Run(SqliteConnection connection, CheckDepth depth)
    {
        var virtualTables = VirtualTable.Read(connection);
        var closed = FindUnchecked.Run(connection, virtualTables);
        IReadOnlyList<VirtualTable> open = [.. virtualTables.Where(table => !closed.VirtualTables.Contains(table.Name))];

        // These write into temporary tables, which is not possible any more once something has a stand-in.
        var further = depth == CheckDepth.Full ? CheckVirtualTables.Run(connection, open) : new StructureFindings([], [], []);
        var said = closed.IsNothing ? Read(connection, Pragma(depth, ProblemsShown)) : CheckAround(connection, depth, closed, open);
        return new StructureFindings(
            [.. said.Where(problem => !IsOfSearch(problem)), .. further.Problems],
            [.. said.Where(IsOfSearch).Select(problem => $"A full-text index does not fit its rows ({problem}), so a search misses some or finds wrong ones. Rebuild the index."), .. further.Searches],
            [.. closed.Sentences, .. further.Unchecked]);
    }

    private static bool IsOfSearch(string problem) => OfSearches.Any(begin => problem.StartsWith(begin, StringComparison.Ordinal));

    private static string Pragma(CheckDepth depth, int most) => $"PRAGMA main.{(depth == CheckDepth.Full ? "integrity_check" : "quick_check")}({most})";

    private static string Pragma(CheckDepth depth, string table) => $"PRAGMA main.{(depth == CheckDepth.Full ? "integrity_check" : "quick_check")}({SqliteStatements.Quoted(table)})";

    /// <summary>
    /// The quick check compares no order, so all pages can be checked with stand-ins. What it says of computed columns of the tables concerned is not true with them
    /// and is left out. In full, the tables that lack nothing are then checked each.
    /// </summary>
    private static List<string> CheckAround(SqliteConnection connection, CheckDepth depth, Unchecked closed, IReadOnlyList<VirtualTable> open)
    {
        var untrue = UntrueWithStandIns(connection, closed.Tables);
        IReadOnlyList<string> each = [.. FindUnchecked.OrdinaryTables(connection), .. open.Select(table => table.Name)];
        var problems = StandIns.Run(connection, () => CheckPages(connection, each, untrue));
        if (depth == CheckDepth.Full)
        {
            problems.AddRange(each.Where(table => !closed.Tables.Contains(table)).SelectMany(table => Read(connection, Pragma(depth, table))));
        }

        return [.. problems.Distinct().Take(ProblemsShown)];
    }

    private static List<string> CheckPages(SqliteConnection connection, IReadOnlyList<string> each, Func<string, bool> isUntrue)
    {
        try
        {
            return Read(connection, Pragma(CheckDepth.Quick, int.MaxValue), isUntrue);
        }
        catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_ERROR && MissingPart.Of(error) is not { CanStandIn: true })
        {
            // A full-text table whose tokenizer is missing stops the check of the whole.
            return [.. each.SelectMany(table => Read(connection, Pragma(CheckDepth.Quick, table), isUntrue))];
        }
    }

    private static Func<string, bool> UntrueWithStandIns(SqliteConnection connection, IReadOnlySet<string> tables)
    {
        var computed = tables.SelectMany(table => ComputedColumns(connection, table).Select(column => $" value in {table}.{column}")).ToList();
        return problem => computed.Exists(column => problem.EndsWith(column, StringComparison.Ordinal));
    }

    private static List<string> ComputedColumns(SqliteConnection connection, string table) => connection.ReadRows(
        "SELECT name FROM pragma_table_xinfo($table, 'main') WHERE hidden IN (2, 3)", row => row.GetString(0), ("$table", table));

    private static List<string> Read(SqliteConnection connection, string pragma, Func<string, bool>? isUntrue = null)
    {
        using var command = connection.CreateCommand();
        command.CommandText = pragma;
        List<string> problems = [];
        try
        {
            using var reader = command.ExecuteReader();
            while (problems.Count < ProblemsShown && reader.Read())
            {
                // What it says of b-trees comes as one value of many lines under a heading.
                problems.AddRange(reader.GetString(0).Split('\n').Where(line => line != "ok" && !line.StartsWith("*** in database", StringComparison.Ordinal) && isUntrue?.Invoke(line) != true));
            }
        }
        catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_CORRUPT)
        {
            // It gives up in the middle where a page can't be followed; what it had said by then counts.
            problems.Add(error.Message);
        }

        return problems;
    }
}

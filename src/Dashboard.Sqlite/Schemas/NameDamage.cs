using System.Globalization;
using System.Text.RegularExpressions;
using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Schemas;

/// <summary>
/// Which tables the lines of quick_check and integrity_check are about, in their order. A line names a tree by its first page
/// (https://www.sqlite.org/pragma.html#pragma_integrity_check), or an index, or a table; where no line does, each table is checked on its own
/// until one is found.
/// </summary>
internal static partial class NameDamage
{
    public static IReadOnlyList<string> Run(SqliteConnection connection, IReadOnlyList<string> lines)
    {
        try
        {
            var trees = connection.ReadRows(
                "SELECT rootpage, name, tbl_name FROM main.sqlite_schema WHERE rootpage > 0 ORDER BY rowid",
                row => new Tree(row.GetInt64(0), row.GetString(1), row.GetString(2)));
            List<string> named = [.. lines.Select(line => Find(trees, line)).OfType<string>().Distinct()];
            return named.Count > 0 ? named : FirstOf(connection, trees) is { } first ? [first] : [];
        }
        catch (SqliteException error) when (error.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_ERROR)
        {
            // The schema itself can't be read.
            return [];
        }
    }

    private sealed record Tree(long Root, string Name, string Table);

    private static string? Find(List<Tree> trees, string line)
    {
        if (TreeLine().Match(line) is { Success: true } match)
        {
            var root = long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
            return trees.FirstOrDefault(tree => tree.Root == root)?.Table;
        }

        if (VirtualLine().Match(line) is { Success: true } inside)
        {
            return inside.Groups[1].Value;
        }

        // Among names of which one ends another the longest is meant.
        return NameLine().IsMatch(line)
            ? trees.Where(tree => line.EndsWith(' ' + tree.Name, StringComparison.Ordinal) || line.Contains($" {tree.Name}.", StringComparison.Ordinal))
                .MaxBy(tree => tree.Name.Length)?.Table
            : null;
    }

    private static string? FirstOf(SqliteConnection connection, List<Tree> trees)
    {
        foreach (var table in trees.Select(tree => tree.Table).Distinct())
        {
            try
            {
                if (connection.ReadTexts($"PRAGMA main.quick_check({SqliteStatements.Quoted(table)})") is not ["ok"])
                {
                    return table;
                }
            }
            catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_CORRUPT)
            {
                return table;
            }
            catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_ERROR)
            {
                // Needs its application; another table may be the one.
            }
        }

        return null;
    }

    [GeneratedRegex(@"^Tree (\d+) ", RegexOptions.CultureInvariant)]
    private static partial Regex TreeLine();

    /// <summary>What a virtual table says of itself: "In RTree main.places:".</summary>
    [GeneratedRegex("^In (?:RTree main[.]|geopoly )(.+?):", RegexOptions.CultureInvariant)]
    private static partial Regex VirtualLine();

    /// <summary>"row 3 missing from index a", "wrong # of entries in index a", "non-unique entry in index a", "NULL value in t.c".</summary>
    [GeneratedRegex(@"\b(index|value in|in) ", RegexOptions.CultureInvariant)]
    private static partial Regex NameLine();
}

using Dashboard.Core.Databases;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Pages;
using Dashboard.Sqlite.States;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Schemas;

/// <summary>The tables of one moment: first what their pages tell of all of them, then as many counted as the budget allows, small ones first.</summary>
internal static class ReadTables
{
    public static TableList Run(string location, TimeSpan budget, TimeProvider time, CancellationToken cancellationToken) =>
        Look.Into(location, look => Read(look, budget, time, cancellationToken), time, cancellationToken);

    private static TableList Read(Look look, TimeSpan budget, TimeProvider time, CancellationToken cancellationToken)
    {
        var catalogue = Catalogue.Read(look.Connection);
        var size = new SizeOf(look.Pages, look.At);
        var found = catalogue.Names.Select(name => Measured(name, catalogue, size, cancellationToken)).ToList();
        var counts = CountSmallFirst(look.Connection, found, budget, time, cancellationToken);

        var listed = catalogue.Names.ToHashSet(StringComparer.Ordinal);
        return new TableList(look.At, [.. found.Select(one => one.Facts with { Rows = counts.TryGetValue(one.Facts.Name, out var rows) ? new Measure(rows, IsExact: true, look.At) : one.Facts.Rows })])
        {
            TotalBytes = look.Pages.Count * look.Pages.PageSize,
            FreeBytes = look.Pages.FreeCount * look.Pages.PageSize,
            OtherBytes = size.Bytes([CatalogueEntry.OfItself, .. catalogue.WithPages.Where(entry => !listed.Contains(entry.Table))]),
            WrittenAt = look.WrittenAt,
        };
    }

    internal sealed record Found(TableFacts Facts, TreeSize? Tree);

    internal static Found Measured(string table, Catalogue catalogue, SizeOf size, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var tree = catalogue.Roots.TryGetValue(table, out var root) ? size.Tree(root.Root) : null;
        var indexes = catalogue.Indexes[table].ToList();
        return new Found(new TableFacts(table, size.Rows(tree), size.Bytes(tree), size.Bytes(indexes)) { IndexCount = indexes.Count }, tree);
    }

    /// <summary>A budget that is used up leaves the largest as estimates, which differ least from the truth where one is seen at a glance.</summary>
    internal static Dictionary<string, long> CountSmallFirst(SqliteConnection connection, IEnumerable<Found> found, TimeSpan budget, TimeProvider time, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        using var interruption = Interruption.After(budget, connection, time, cancellationToken);
        foreach (var one in found.Where(one => one.Facts.Rows is not { IsExact: true }).OrderBy(one => one.Tree?.Pages ?? 0))
        {
            if (interruption.IsOver || Count(connection, one.Facts.Name, cancellationToken) is not { } rows)
            {
                if (interruption.IsOver)
                {
                    break;
                }

                continue;
            }

            counts[one.Facts.Name] = rows;
        }

        return counts;
    }

    /// <summary>Null for one that was interrupted, and for one that needs something of its application; the others can still be counted.</summary>
    private static long? Count(SqliteConnection connection, string table, CancellationToken cancellationToken)
    {
        try
        {
            return Tables.Count(connection, table);
        }
        catch (SqliteException error) when (error.SqliteErrorCode is SQLitePCL.raw.SQLITE_INTERRUPT or SQLitePCL.raw.SQLITE_ERROR && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}

using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Pages;
using Dashboard.Sqlite.States;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Schemas;

/// <summary>Counts one table to its end, telling how far it is.</summary>
internal static class CountTable
{
    public static Measure Run(string location, string table, RunProgress progress, TimeProvider time, CancellationToken cancellationToken) =>
        Look.Into(
            location,
            look =>
            {
                var catalogue = Catalogue.Read(look.Connection);
                ReadTable.Demand(catalogue, table, location);
                progress.Phase("Counting", BytesToRead(look, catalogue, table));
                using var interruption = Interruption.On(look.Connection, cancellationToken, bytes => progress.Report(bytes));
                try
                {
                    return new Measure(Count(look.Connection, table), IsExact: true, look.At);
                }
                catch (SqliteException) when (cancellationToken.IsCancellationRequested)
                {
                    throw new OperationCanceledException(cancellationToken);
                }
            },
            time,
            cancellationToken);

    /// <summary>
    /// Row by row: a bare COUNT(*) takes a third of the time, and is one instruction in which SQLite says nothing until it is over.
    /// </summary>
    private static string Sql(string table) => $"SELECT COUNT(*) FROM main.{SqliteStatements.Quoted(table)} AS counted WHERE $all";

    private static long Count(SqliteConnection connection, string table)
    {
        try
        {
            return connection.ReadRows(Sql(table), row => row.GetInt64(0), ("$all", 1))[0];
        }
        catch (SqliteException error) when (error.SqliteErrorCode == SQLitePCL.raw.SQLITE_ERROR)
        {
            // Something of its application is missing, which the bare count names and does without.
            return Tables.Count(connection, table);
        }
    }

    /// <summary>SQLite counts along the smallest index that has every row, or else along the table.</summary>
    private static long? BytesToRead(Look look, Catalogue catalogue, string table)
    {
        if (Prepare.FindFault(look.Connection, Sql(table)) is not null)
        {
            return null;
        }

        var plan = string.Join(' ', look.Connection.ReadRows("EXPLAIN QUERY PLAN " + Sql(table), row => row.GetString(3), ("$all", 1)));
        var tree = catalogue.Indexes[table].FirstOrDefault(index => plan.EndsWith($" INDEX {index.Name}", StringComparison.Ordinal)) ?? catalogue.Roots.GetValueOrDefault(table);
        return tree is null ? null : new EstimateTree(look.Pages).Run(tree.Root)?.Pages * look.Pages.PageSize;
    }
}

using Dashboard.Core.Databases;
using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.States;

/// <summary>Row counts of one moment, as far as the budget reaches.</summary>
internal static class CountRows
{
    public static RowCounts Run(string location, TimeSpan budget, TimeProvider time, CancellationToken cancellationToken)
    {
        SqliteErrors.DemandThere(location);

        return SqliteConnections.Watch(location, connection => Count(connection, location, budget, time, cancellationToken));
    }

    private static RowCounts Count(SqliteConnection connection, string location, TimeSpan budget, TimeProvider time, CancellationToken cancellationToken)
    {
        Patience.HoldSnapshot(connection, location, Longest(budget), time, cancellationToken);

        var rows = new List<TableRows>();
        using var interruption = Interruption.After(budget, connection, time, cancellationToken);
        try
        {
            foreach (var table in Tables.Read(connection))
            {
                if (interruption.IsOver)
                {
                    return new RowCounts(rows, IsComplete: false);
                }

                rows.Add(new TableRows(table, Tables.Count(connection, table)));
            }
        }
        catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_INTERRUPT && !cancellationToken.IsCancellationRequested)
        {
            return new RowCounts(rows, IsComplete: false);
        }

        return new RowCounts(rows, IsComplete: true);
    }

    /// <summary>A lock is worth a second of waiting even where the counting itself may take less.</summary>
    private static TimeSpan Longest(TimeSpan budget) => budget > TimeSpan.FromSeconds(1) ? budget : TimeSpan.FromSeconds(1);
}

using Dashboard.Core.Databases;
using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.States;

/// <summary>The tables of one moment; rows counted as far as the budget reaches.</summary>
internal static class ReadTables
{
    public static TableList Run(string location, TimeSpan budget, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!File.Exists(location))
        {
            throw SqliteErrors.Missing(location);
        }

        return SqliteConnections.Watch(location, connection => Read(connection, location, budget, time, cancellationToken));
    }

    private static TableList Read(SqliteConnection connection, string location, TimeSpan budget, TimeProvider time, CancellationToken cancellationToken)
    {
        Patience.HoldSnapshot(connection, location, TimeSpan.FromSeconds(1), time, cancellationToken);
        var now = time.GetUtcNow();
        var names = Tables.Read(connection);
        using var interruption = Interruption.After(budget, connection, time, cancellationToken);
        return new TableList(now, [.. names.Select(name => new TableFacts(name, Count(name), null, null))]);

        Measure? Count(string table)
        {
            try
            {
                return interruption.IsOver ? null : new Measure(Tables.Count(connection, table), IsExact: true, now);
            }
            catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_INTERRUPT && !cancellationToken.IsCancellationRequested)
            {
                return null;
            }
        }
    }
}

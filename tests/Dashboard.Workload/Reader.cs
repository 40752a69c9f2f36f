using Microsoft.Data.Sqlite;

namespace Dashboard.Workload;

internal static class Reader
{
    public static async Task<int> RunAsync(string db, int seconds)
    {
        using var shift = new Shift(TimeSpan.FromSeconds(seconds));
        using var connection = Ledger.Open(db, SqliteOpenMode.ReadWrite);
        long good = 0, busy = 0;
        while (!shift.IsOver)
        {
            try
            {
                Ledger.Execute(connection, "BEGIN");
                if (Ledger.BrokenInvariant(connection) is { } broken)
                {
                    Console.WriteLine($"bad {broken}");
                    return 1;
                }

                Ledger.Execute(connection, "COMMIT");
                if (good++ == 0)
                {
                    Console.WriteLine("ready");
                }
            }
            catch (SqliteException error) when (error.SqliteErrorCode is 5 or 6)
            {
                busy++;
                if (SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle!) == 0)
                {
                    Ledger.Execute(connection, "ROLLBACK");
                }
            }

            await shift.RestAsync(TimeSpan.FromMilliseconds(1));
        }

        Console.WriteLine($"read {good}, busy {busy}");
        return 0;
    }
}

using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Dashboard.Workload;

internal static class Writer
{
    public static async Task<int> RunAsync(string db, int rate, int seconds, string log)
    {
        using var shift = new Shift(TimeSpan.FromSeconds(seconds));
        using var connection = Ledger.Open(db);
        await using var lines = new StreamWriter(log, append: true) { AutoFlush = true };

        // Numbers go on over a restore, so that each transaction is in one content and in no other.
        var number = Ledger.Number(connection, "SELECT MAX(number) FROM ledger");
        var random = new Random(4711);
        var clock = Stopwatch.StartNew();
        var longest = TimeSpan.Zero;
        long done = 0, busy = 0;

        while (!shift.IsOver)
        {
            var began = clock.Elapsed;
            if (TryCommit(connection, ++number, random))
            {
                await lines.WriteLineAsync(number.ToString(CultureInfo.InvariantCulture));
                if (done++ == 0)
                {
                    Console.WriteLine("ready");
                }
            }
            else
            {
                busy++;
            }

            longest = clock.Elapsed - began is var took && took > longest ? took : longest;
            if (TimeSpan.FromSeconds((double)(done + busy) / rate) - clock.Elapsed is var early && early > TimeSpan.Zero)
            {
                await shift.RestAsync(early);
            }
        }

        Console.WriteLine($"committed {done}, busy {busy}, longest {longest.TotalMilliseconds:0} ms");
        return 0;
    }

    private static bool TryCommit(SqliteConnection connection, long number, Random random)
    {
        try
        {
            var (source, target, amount) = (random.Next(1, Ledger.Accounts + 1), random.Next(1, Ledger.Accounts + 1), random.Next(1, 50));
            Ledger.Execute(
                connection,
                $"""
                BEGIN IMMEDIATE;
                UPDATE accounts SET balance = balance - {amount} WHERE id = {source};
                UPDATE accounts SET balance = balance + {amount} WHERE id = {target};
                INSERT INTO ledger VALUES ({number}, {source}, {target}, {amount});
                UPDATE counter SET rows = rows + 1;
                COMMIT;
                """);
            return true;
        }
        catch (SqliteException error) when (error.SqliteErrorCode is 5 or 6)
        {
            if (SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle!) == 0)
            {
                Ledger.Execute(connection, "ROLLBACK");
            }

            return false;
        }
    }
}

namespace Dashboard.Workload;

/// <summary>An application whose newest rows are in its WAL only, for it never moves them.</summary>
internal static class Sell
{
    public static async Task<int> RunAsync(string db, int rows)
    {
        using var connection = Ledger.Open(db);
        Ledger.Execute(connection, "PRAGMA wal_autocheckpoint = 0");
        Ledger.Execute(
            connection,
            $"""
            BEGIN;
            CREATE TABLE IF NOT EXISTS sale (id INTEGER PRIMARY KEY, amount INTEGER);
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) INSERT INTO sale (amount) SELECT i FROM n;
            COMMIT;
            """);
        Console.WriteLine("ready");

        await Console.In.ReadLineAsync();
        connection.Close();
        Console.WriteLine("closed");
        return 0;
    }
}

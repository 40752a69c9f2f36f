namespace Dashboard.Workload;

internal static class Hold
{
    public static async Task<int> RunAsync(string db, string what)
    {
        using var connection = Ledger.Open(db);
        Ledger.Execute(connection, what switch { "write" => "BEGIN IMMEDIATE", "exclusive" => "BEGIN EXCLUSIVE", _ => "BEGIN" });
        Ledger.Number(connection, "SELECT COUNT(*) FROM sqlite_schema");
        Console.WriteLine("ready");

        await Console.In.ReadLineAsync();
        Ledger.Execute(connection, "ROLLBACK");
        Console.WriteLine("let go");
        return 0;
    }
}

namespace Dashboard.Workload;

internal static class Hold
{
    public static async Task<int> RunAsync(string db, string what)
    {
        using var connection = Ledger.Open(db);
        if (Beginning(what) is { } begin)
        {
            Ledger.Execute(connection, begin);
        }

        Ledger.Number(connection, "SELECT COUNT(*) FROM sqlite_schema");
        Console.WriteLine("ready");

        await Console.In.ReadLineAsync();
        Console.WriteLine("let go");
        return 0;
    }

    /// <summary>Null for a connection that has read and is in no transaction.</summary>
    private static string? Beginning(string what) => what switch
    {
        "write" => "BEGIN IMMEDIATE",
        "exclusive" => "BEGIN EXCLUSIVE",
        "read" => "BEGIN",
        _ => null,
    };
}

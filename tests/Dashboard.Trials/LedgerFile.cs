using Dashboard.Workload;
using Microsoft.Data.Sqlite;

namespace Dashboard.Trials;

/// <summary>What one moment of a ledger holds.</summary>
/// <param name="State">"A" or "B": the content that it belongs to.</param>
internal sealed record LedgerContent(string State, string Journal, IReadOnlySet<long> Numbers);

/// <summary>Reads a ledger with SQLite alone, all in one transaction.</summary>
internal static class LedgerFile
{
    /// <param name="from">The lowest transaction number that is of interest.</param>
    /// <exception cref="TrialException">When it is not sound, or contents are mixed in it.</exception>
    public static LedgerContent Read(string file, long from)
    {
        try
        {
            using var connection = Ledger.Open(file);
            var journal = Ledger.Text(connection, "PRAGMA journal_mode");
            Ledger.Execute(connection, "BEGIN");
            if (Ledger.Text(connection, "PRAGMA integrity_check") is var integrity && integrity != "ok")
            {
                throw new TrialException($"{file} is damaged: {integrity}");
            }

            if (Ledger.BrokenInvariant(connection) is { } broken)
            {
                throw new TrialException($"{file} is torn or mixed: {broken}");
            }

            return new LedgerContent(Ledger.Text(connection, "SELECT state FROM marker"), journal, ReadNumbers(connection, from));
        }
        catch (SqliteException fault)
        {
            throw new TrialException($"{file} can't be read: {fault.Message}", fault);
        }
    }

    private static HashSet<long> ReadNumbers(SqliteConnection connection, long from)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT number FROM ledger WHERE number >= $from";
        command.Parameters.AddWithValue("$from", from);
        using var reader = command.ExecuteReader();
        var numbers = new HashSet<long>();
        while (reader.Read())
        {
            numbers.Add(reader.GetInt64(0));
        }

        return numbers;
    }
}

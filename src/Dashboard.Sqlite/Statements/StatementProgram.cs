using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Statements;

/// <summary>
/// What SQLite made of a statement (EXPLAIN). Looked at beside its questions to the authorizer: of a function with constant arguments in the second row of VALUES it does not ask
/// (seen in 3.53.3).
/// </summary>
/// <param name="Functions">That it calls.</param>
/// <param name="Sorts">Whether it sorts rows.</param>
internal sealed record StatementProgram(IReadOnlyList<string> Functions, bool Sorts)
{
    /// <summary>Steps of https://www.sqlite.org/opcode.html that name a function in P4: "abs(1)".</summary>
    private static readonly HashSet<string> Calling = ["Function", "PureFunc", "AggStep", "AggStep1", "AggInverse", "AggValue", "AggFinal"];

    private const string Sorting = "SorterOpen";

    public static StatementProgram Read(SqliteConnection connection, string sql)
    {
        var steps = connection.ReadRows($"EXPLAIN {sql}", row => (Step: row.GetString(1), Fourth: row.IsDBNull(5) ? "" : row.GetString(5)));
        return new StatementProgram([.. steps.Where(step => Calling.Contains(step.Step)).Select(step => Name(step.Fourth)).Distinct()], steps.Any(step => step.Step == Sorting));
    }

    /// <returns>One that a policy does not let through; null when there is none.</returns>
    public string? FindFunction(StatementPolicy policy) => Functions.FirstOrDefault(function => !policy.Functions.Contains(function));

    private static string Name(string call) => call.LastIndexOf('(') is > 0 and var end ? call[..end] : call;
}

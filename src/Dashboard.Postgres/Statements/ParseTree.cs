using System.Globalization;
using System.Text.RegularExpressions;

namespace Dashboard.Postgres.Statements;

/// <summary>
/// The numbers in what the server made of a statement (pg_node_tree): functions, operators, tables, and types whose values are made from text.
/// Spaces in names that a person wrote are escaped there, so none of them can pass for a field.
/// </summary>
/// <param name="LocksRows">FOR UPDATE and its like.</param>
internal sealed partial record ParseTree(IReadOnlyList<long> Functions, IReadOnlyList<long> Operators, IReadOnlyList<long> Tables, IReadOnlyList<long> Types, bool LocksRows = false)
{
    private const string Select = "{QUERY :commandType 1 ";

    private const string Locking = ":hasForUpdate true";

    public static ParseTree Read(string tree) => new(
        Numbers(FunctionField(), tree),
        [.. Numbers(OperatorField(), tree), .. Lists(OperatorList(), tree)],
        Numbers(TableField(), tree),
        [.. Numbers(TypeField(), tree), .. Lists(tree.Contains("{TABLEFUNC ", StringComparison.Ordinal) ? AnyColumnTypes() : FunctionColumnTypes(), tree)],
        tree.Contains(Locking, StringComparison.Ordinal));

    /// <summary>Of a whole statement: whether it does nothing but select.</summary>
    public static bool Selects(string tree) => tree.TrimStart('(').StartsWith(Select, StringComparison.Ordinal) && !OtherCommand().IsMatch(tree);

    private static List<long> Numbers(Regex field, string tree) =>
        [.. field.Matches(tree).Select(match => Number(match.Groups[1].ValueSpan)).Where(number => number > 0).Distinct()];

    private static IEnumerable<long> Lists(Regex field, string tree) =>
        field.Matches(tree).SelectMany(match => match.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(number => Number(number)).Distinct();

    private static long Number(ReadOnlySpan<char> text) => long.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>Also in a WITH.</summary>
    [GeneratedRegex(@"\{QUERY :commandType [02-9]")]
    private static partial Regex OtherCommand();

    /// <summary>Calls, casts, aggregates, window functions and the ranges of their frames.</summary>
    [GeneratedRegex(@":(?:\w*funcid|\w*fnoid|winfnoid|\w*RangeFunc) (\d+)")]
    private static partial Regex FunctionField();

    /// <summary>Comparisons that sort and group are operators too.</summary>
    [GeneratedRegex(@":(?:opno|eqop|sortop|aggsortop) (\d+)")]
    private static partial Regex OperatorField();

    [GeneratedRegex(@":opnos \(o ([\d ]+)\)")]
    private static partial Regex OperatorList();

    [GeneratedRegex(@":relid (\d+)")]
    private static partial Regex TableField();

    /// <summary>What a value becomes, not what a column is: to read a value runs no check of its type.</summary>
    [GeneratedRegex(@":(?:resulttype|funcresulttype|consttype|typid) (\d+)")]
    private static partial Regex TypeField();

    [GeneratedRegex(@":funccoltypes \(o ([\d ]+)\)")]
    private static partial Regex FunctionColumnTypes();

    /// <summary>XMLTABLE and JSON_TABLE make their columns from text.</summary>
    [GeneratedRegex(@":(?:func)?coltypes \(o ([\d ]+)\)")]
    private static partial Regex AnyColumnTypes();
}

using System.Text.RegularExpressions;
using Dashboard.Core.Retention;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Retention;

/// <summary>
/// Has the server read a condition, and looks at what it made of it. A temporary view is made and taken back: what stands in its rule is the parsed condition, with
/// the number of each function, operator and table in it. Only what gives the same answer within a statement, and was not written in a language of this database, may be there.
/// </summary>
internal static partial class CheckCondition
{
    /// <summary>In PostgreSQL $ opens a quote or names a parameter, and \ may hide the end of a text.</summary>
    private const string OtherQuotes = "$\\";

    private const string View = "pg_temp.\"dashboard condition\"";

    public static async Task<string?> FindFaultAsync(NpgsqlConnection connection, RowTarget target, string condition, CancellationToken cancellationToken)
    {
        if (ConditionText.FindFault(condition, OtherQuotes) is { } fault)
        {
            return fault;
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            await connection.ExecuteAsync($"CREATE TEMP VIEW {View[8..]} AS SELECT 1 AS one FROM {RowSql.Table(target.Name)} WHERE (\n{condition}\n)", cancellationToken);
            var tree = await connection.AskAsync<string>($"SELECT ev_action::text FROM pg_rewrite WHERE ev_class = to_regclass('{View}')", cancellationToken) ?? throw new InvalidOperationException("The server made a view without a rule.");
            return await JudgeAsync(connection, tree, cancellationToken);
        }
        catch (PostgresException denied) when (denied.SqlState == PostgresErrorCodes.InsufficientPrivilege && denied.MessageText.Contains("temporary", StringComparison.OrdinalIgnoreCase))
        {
            return "A condition can't be checked here: this login may make no temporary objects (GRANT TEMPORARY ON DATABASE). Leave the condition empty.";
        }
        catch (PostgresException unknown) when (unknown.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return $"PostgreSQL does not understand the condition: {unknown.MessageText}. Write another table with its schema: public.customers.";
        }
        catch (PostgresException wrong) when (wrong.SqlState.StartsWith("42", StringComparison.Ordinal) || wrong.SqlState.StartsWith("22", StringComparison.Ordinal) || wrong.SqlState.StartsWith("0A", StringComparison.Ordinal))
        {
            return $"PostgreSQL does not understand the condition: {wrong.MessageText}.";
        }
        finally
        {
            await transaction.RollbackAsync(CancellationToken.None);
        }
    }

    private static async Task<string?> JudgeAsync(NpgsqlConnection connection, string tree, CancellationToken cancellationToken)
    {
        var functions = Numbers(FunctionNumber(), tree);
        var operators = Numbers(OperatorNumber(), tree);
        var tables = Numbers(TableNumber(), tree);
        var wrong = await connection.ListAsync(
            """
            SELECT p.proname
            FROM pg_proc p
            JOIN pg_language l ON l.oid = p.prolang
            WHERE (p.oid = ANY($1::bigint[]::oid[]) OR p.oid IN (SELECT oprcode FROM pg_operator WHERE oid = ANY($2::bigint[]::oid[])))
                AND (p.provolatile = 'v' OR l.lanname NOT IN ('internal', 'c') AND p.oid >= 16384 OR p.proname ~ '(_to_xml|^dblink|^pg_read_|^pg_ls_|^pg_stat_file)')
            LIMIT 1
            """,
            row => row.GetString(0),
            cancellationToken,
            functions,
            operators);
        if (wrong is [var name])
        {
            return $"The condition must only compare what is in the database: the function {name} may not be used in it.";
        }

        var views = await connection.ListAsync(
            "SELECT relname FROM pg_class WHERE oid = ANY($1::bigint[]::oid[]) AND relkind NOT IN ('r', 'p') AND oid <> to_regclass($2) LIMIT 1",
            row => row.GetString(0),
            cancellationToken,
            tables,
            View);
        return views is [var view] ? $"The condition must only look into tables: {view} is none." : null;
    }

    private static long[] Numbers(Regex of, string tree) => [.. of.Matches(tree).Select(match => long.Parse(match.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture)).Where(number => number > 0).Distinct()];

    [GeneratedRegex(@":(?:\w*funcid|winfnoid|aggfnoid|hashfuncid|negfuncid) (\d+)")]
    private static partial Regex FunctionNumber();

    [GeneratedRegex(@":opno (\d+)")]
    private static partial Regex OperatorNumber();

    [GeneratedRegex(@":relid (\d+)")]
    private static partial Regex TableNumber();
}

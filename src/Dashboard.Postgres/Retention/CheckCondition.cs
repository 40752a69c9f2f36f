using Dashboard.Core.Retention;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Statements;
using Npgsql;

namespace Dashboard.Postgres.Retention;

/// <summary>
/// Has the server read a condition, and looks at what it made of it (<see cref="JudgeTree"/>). A temporary view is made and taken back: what stands in its rule is the
/// parsed condition. Only what gives the same answer within a statement, and was not written in a language of this database, may be there.
/// </summary>
internal static class CheckCondition
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
            var view = await connection.AskAsync<long>($"SELECT to_regclass('{View}')::oid::bigint", cancellationToken);
            return await new JudgeTree(connection, StatementPolicy.RowCondition, view, cancellationToken).FindFaultAsync(tree);
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
}

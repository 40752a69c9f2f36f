using System.Diagnostics.CodeAnalysis;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Statements;

/// <summary>
/// One SELECT that a person typed. The server parses it, and what it made of it is judged before it is planned or run: planning already calls functions that say
/// they are immutable. It stands alone at the end of one statement of ours, so there is nothing that it could close or comment out.
/// </summary>
[SuppressMessage("Security", "CA2100", Justification = "The text is a person's own, and is run only as one statement that was judged.")]
internal static class TypedSelect
{
    private const string View = "dashboard typed select";

    /// <summary>The names of the person, as their login has them everywhere else. Ends with the transaction, so that a session that others use too keeps its own.</summary>
    public const string NamesOfPerson = "SET LOCAL search_path TO DEFAULT";

    /// <exception cref="StatementRefusedException">When it is not one SELECT of what is known to be harmless.</exception>
    public static async Task DemandHarmlessAsync(NpgsqlConnection connection, string sql, TimeSpan patience, CancellationToken cancellationToken)
    {
        var canMakeView = await connection.AskAsync<bool>("SELECT NOT pg_is_in_recovery() AND has_database_privilege(current_database(), 'TEMPORARY')", cancellationToken);
        await connection.ExecuteAsync($"BEGIN {(canMakeView ? "READ WRITE" : "READ ONLY")}; SET LOCAL statement_timeout = {SessionSettings.Milliseconds(patience)}; {NamesOfPerson}", cancellationToken);
        try
        {
            var columns = await DescribeAsync(connection, sql, cancellationToken);
            var (tree, view) = canMakeView ? await ReadByViewAsync(connection, sql, columns, cancellationToken) : (await ReadByLogAsync(connection, sql, patience, cancellationToken), 0);
            await connection.ExecuteAsync("SET LOCAL search_path = pg_catalog", cancellationToken);
            if (await new JudgeTree(connection, StatementPolicy.Question, view, cancellationToken).FindFaultAsync(tree) is { } fault)
            {
                throw new StatementRefusedException(fault);
            }
        }
        catch (PostgresException wrong) when (IsOfText(wrong.SqlState))
        {
            throw new StatementRefusedException($"The server does not take it: {Short(wrong.MessageText)}.", wrong);
        }
        finally
        {
            await LeaveAsync(connection);
        }
    }

    /// <summary>Ends the transaction, if the session is still there.</summary>
    public static async Task LeaveAsync(NpgsqlConnection connection)
    {
        if (connection.FullState == System.Data.ConnectionState.Open)
        {
            await connection.ExecuteAsync("ROLLBACK", CancellationToken.None);
        }
    }

    /// <summary>Classes of errors that are about what was typed: a value, a transaction that only reads, something that is not offered, words and rights.</summary>
    public static bool IsOfText(string state) => state[..2] is "22" or "25" or "0A" or "42" or "2F" or "34" or "P0" or "54";

    /// <summary>A message may repeat a value of any length.</summary>
    public static string Short(string message) => (message.Length <= 300 ? message : message[..299] + "…").TrimEnd('.');

    /// <summary>Parsed only. The server refuses a second statement; none has no columns, and so has what does not select.</summary>
    private static async Task<int> DescribeAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(sql))
        {
            throw new StatementRefusedException("It is empty.");
        }

        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new NpgsqlBatchCommand(sql) }, Timeout = 0 };
        await using var reader = await batch.ExecuteReaderAsync(System.Data.CommandBehavior.SchemaOnly, cancellationToken);
        return reader.FieldCount > 0 ? reader.FieldCount : throw new StatementRefusedException("It is not one SELECT.");
    }

    private static async Task<(string Tree, long View)> ReadByViewAsync(NpgsqlConnection connection, string sql, int columns, CancellationToken cancellationToken)
    {
        var names = string.Join(", ", Enumerable.Range(1, columns).Select(number => $"c{number}"));
        await connection.ExecuteAsync("SAVEPOINT dashboard_parses", cancellationToken);
        try
        {
            await ExecuteOneAsync(connection, $"CREATE TEMP VIEW \"{View}\" ({names}) AS {sql}", cancellationToken);
        }
        catch (PostgresException pseudo) when (pseudo.SqlState == PostgresErrorCodes.InvalidTableDefinition)
        {
            // No view has a column without a type of its own (a row, void). That the text is one whole statement is known by now.
            await connection.ExecuteAsync("ROLLBACK TO SAVEPOINT dashboard_parses", cancellationToken);
            await ExecuteOneAsync(connection, $"CREATE TEMP VIEW \"{View}\" AS SELECT 1 AS one FROM (\n{sql.TrimEnd().TrimEnd(';')}\n) AS typed", cancellationToken);
        }

        return (await connection.ListAsync(
            "SELECT r.ev_action::text, r.ev_class::bigint FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class WHERE c.relname = $1 AND c.relnamespace = pg_catalog.pg_my_temp_schema()",
            row => (row.GetString(0), row.GetInt64(1)),
            cancellationToken,
            View)).Single();
    }

    /// <summary>
    /// Where no view can be made, on a standby or without the right to temporary objects, the server is asked to tell what it parsed as it would tell its log.
    /// It writes it there too, so this is not the usual way.
    /// </summary>
    private static async Task<string> ReadByLogAsync(NpgsqlConnection connection, string sql, TimeSpan patience, CancellationToken cancellationToken)
    {
        // Only so does the driver hand over what is told beside the message.
        await using var telling = connection.CloneWith(new NpgsqlConnectionStringBuilder(connection.ConnectionString) { IncludeErrorDetail = true }.ToString());
        await telling.OpenAsync(cancellationToken);
        List<string> told = [];
        telling.Notice += (_, notice) =>
        {
            if (notice.Notice is { MessageText: "parse tree:", Detail: { } detail })
            {
                told.Add(detail);
            }
        };
        await telling.ExecuteAsync($"BEGIN READ ONLY; SET LOCAL statement_timeout = {SessionSettings.Milliseconds(patience)}; {NamesOfPerson}; SET LOCAL client_min_messages = log; SET LOCAL debug_pretty_print = off", cancellationToken);
        await telling.ExecuteAsync("SET LOCAL debug_print_parse = on", cancellationToken);
        await DescribeAsync(telling, sql, cancellationToken);
        return told is [var tree] && ParseTree.Selects(tree) ? tree : throw new StatementRefusedException("It is not one SELECT that only reads.");
    }

    /// <summary>One statement and no more: the driver would split a plain command at its semicolons.</summary>
    public static async Task ExecuteOneAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new NpgsqlBatchCommand(sql) }, Timeout = 0 };
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}

/// <summary>A typed statement that is not run; the message says why.</summary>
internal sealed class StatementRefusedException(string message, Exception? inner = null) : Exception(message, inner);

using Dashboard.Core.Health;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Health;

/// <summary>
/// A person's own question in a session of its own. It stands as a part of a SELECT that the server takes as one statement in a transaction
/// that may only read: it can neither end that transaction nor write nor start a program (COPY). What functions do is up to the rights of the login.
/// </summary>
internal static class AskOwn
{
    private const string SessionName = PostgresConnections.ApplicationName + " health";

    public static async Task<OwnAnswer> RunAsync(PostgresLocation at, Watching watching, string sql, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var password = await watching.FindPasswordAsync(at, cancellationToken);
        await using var session = await PostgresConnections.OpenAsync(at, password, timeout, cancellationToken, name: SessionName);

        // As the login has it everywhere else: the question names the tables of its person.
        await session.ExecuteAsync("RESET search_path", cancellationToken);
        await session.ExecuteAsync("BEGIN READ ONLY", cancellationToken);
        try
        {
            return await ReadAsync(session, sql, cancellationToken);
        }
        catch (PostgresException refused) when (IsOfQuestion(refused.SqlState))
        {
            throw new OwnQuestionException($"The server does not take the question: {refused.MessageText.TrimEnd('.')}.", "Correct the question of this check: one SELECT that only reads.", refused);
        }
    }

    /// <summary>With a parameter of its own the text is one statement to the driver and to the server, whatever it holds.</summary>
    private static async Task<OwnAnswer> ReadAsync(NpgsqlConnection session, string sql, CancellationToken cancellationToken)
    {
        await using var command = session.Command($"SELECT * FROM (\n{sql.Trim().TrimEnd(';')}\n) AS question LIMIT $1", OwnAnswer.MostRows + 1);
        command.AllResultTypesAreUnknown = true;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<IReadOnlyList<string?>> rows = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            if (rows.Count == OwnAnswer.MostRows)
            {
                return new OwnAnswer(rows, HasMore: true);
            }

            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(column => reader.IsDBNull(column) ? null : reader.GetString(column))]);
        }

        return new OwnAnswer(rows, HasMore: false);
    }

    /// <summary>Classes of errors that are about what was asked: a value, a transaction that only reads, something that is not offered, words and rights.</summary>
    private static bool IsOfQuestion(string state) => state[..2] is "22" or "25" or "0A" or "42" or "2F" or "P0";
}

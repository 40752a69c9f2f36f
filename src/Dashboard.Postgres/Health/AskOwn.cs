using System.Data;
using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Statements;
using Npgsql;

namespace Dashboard.Postgres.Health;

/// <summary>
/// A person's own question in a session of its own. First the server parses it and what it made of it is judged (<see cref="TypedSelect"/>); then it is run by a cursor
/// in a transaction that only reads, and no more of its rows and values are fetched than are shown.
/// </summary>
internal static class AskOwn
{
    private const string SessionName = PostgresConnections.ApplicationName + " health";

    private const string NextStep = "Correct the question of this check: one SELECT that only reads.";

    public static async Task<OwnAnswer> RunAsync(PostgresLocation at, Watching watching, string sql, TimeSpan timeout, CancellationToken cancellationToken)
    {
        // The server keeps the time of each statement; this is the time of them all.
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        try
        {
            return await AskAsync(at, await watching.FindPasswordAsync(at, cancellationToken), sql, timeout, deadline.Token);
        }
        catch (StatementRefusedException refused)
        {
            throw new OwnQuestionException($"The question was not run. {refused.Message}", NextStep, refused);
        }
        catch (PostgresException failed) when (TypedSelect.IsOfText(failed.SqlState))
        {
            throw new OwnQuestionException($"The question failed: {TypedSelect.Short(failed.MessageText)}.", NextStep, failed);
        }
        catch (Exception late) when (late is OperationCanceledException or PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } && !cancellationToken.IsCancellationRequested)
        {
            throw new DatabaseBusyException($"The question was not answered within {Words.Duration(timeout)}.", "Make the question simpler, or allow it more time.", late);
        }
    }

    private static async Task<OwnAnswer> AskAsync(PostgresLocation at, string? password, string sql, TimeSpan timeout, CancellationToken cancellationToken)
    {
        await using var session = await PostgresConnections.OpenAsync(at, password, timeout, cancellationToken, name: SessionName);
        await TypedSelect.DemandHarmlessAsync(session, sql, timeout, cancellationToken);
        await session.ExecuteAsync($"BEGIN READ ONLY; SET LOCAL statement_timeout = {SessionSettings.Milliseconds(timeout)}; {TypedSelect.NamesOfPerson}", cancellationToken);
        await TypedSelect.ExecuteOneAsync(session, $"DECLARE dashboard_asks NO SCROLL CURSOR FOR {sql}", cancellationToken);
        return await FetchAsync(session, cancellationToken);
    }

    private static async Task<OwnAnswer> FetchAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = session.Command($"FETCH {OwnAnswer.MostRows + 1} FROM dashboard_asks");
        command.AllResultTypesAreUnknown = true;
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
        List<IReadOnlyList<string?>> rows = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            if (rows.Count == OwnAnswer.MostRows)
            {
                return new OwnAnswer(rows, HasMore: true);
            }

            var row = new string?[reader.FieldCount];
            for (var column = 0; column < row.Length; column++)
            {
                row[column] = await ReadShort.TextAsync(reader, column, OwnAnswer.MostCharacters, cancellationToken);
            }

            rows.Add(row);
        }

        return new OwnAnswer(rows, HasMore: false);
    }
}

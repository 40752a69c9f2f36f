using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Dashboard.Core.Databases;
using Dashboard.Core.Maintenance;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Maintenance;

/// <summary>
/// A query that somebody has pasted: judged by the server itself, for only one that selects can have a cursor, and run in a transaction that can't write.
/// It is sent as one statement; the server refuses a second one behind it.
/// </summary>
[SuppressMessage("Security", "CA2100", Justification = "The text is a person's own, and is run only as one statement that reads.")]
internal sealed class MeasureQuery(NpgsqlConnection connection, string query)
{
    public async Task<bool> CheckAsync(CancellationToken cancellationToken)
    {
        await BeginAsync(cancellationToken);
        await JudgeAsync(cancellationToken);
        await connection.ExecuteAsync("ROLLBACK", cancellationToken);
        return true;
    }

    public async Task<QueryMeasure> RunAsync(CancellationToken cancellationToken)
    {
        await CheckAsync(cancellationToken);
        await BeginAsync(cancellationToken);
        var plan = await ReadAsync($"EXPLAIN (COSTS OFF) {query}", cancellationToken);
        var json = JsonDocument.Parse(string.Concat(await ReadAsync($"EXPLAIN (FORMAT JSON) {query}", cancellationToken)));
        HashSet<string> indexes = [];
        Collect(json.RootElement, indexes);
        await connection.ExecuteAsync("ROLLBACK", cancellationToken);
        var (median, runs) = await QueryMeasure.TimeAsync(() => TimeAsync(cancellationToken));
        return new QueryMeasure(median, runs, plan, [.. indexes]);
    }

    /// <summary>One statement and no more: the driver would split a plain command at its semicolons.</summary>
    public static async Task ExecuteOneAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new NpgsqlBatchCommand(sql) }, Timeout = 0 };
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private Task BeginAsync(CancellationToken cancellationToken) =>
        connection.ExecuteAsync($"BEGIN READ ONLY; SET LOCAL statement_timeout = {PostgresConnections.Milliseconds(QueryMeasure.MostOfARun)}; RESET search_path", cancellationToken);

    private async Task JudgeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteOneAsync(connection, $"DECLARE dashboard_judges NO SCROLL CURSOR FOR {query}", cancellationToken);
        }
        catch (PostgresException fault) when (fault.SqlState is PostgresErrorCodes.SyntaxError or PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.FeatureNotSupported or PostgresErrorCodes.InvalidCursorDefinition)
        {
            throw new DatabaseException($"This is not one SELECT that only reads: {fault.MessageText}.", "Paste a single SELECT. Nothing else is run here.", fault);
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.UndefinedParameter)
        {
            throw new DatabaseException("The query has a place for a value that is not given.", "Write a value for each $1, $2 and so on.", fault);
        }
        catch (PostgresException fault) when (fault.SqlState is not (PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable) && fault.Severity != "FATAL")
        {
            throw new DatabaseException($"The server can't read the query: {fault.MessageText}.", "Correct it, and try again.", fault);
        }
    }

    /// <summary>As the server itself measures it, without the way of the rows to here. Null when it had to be stopped.</summary>
    private async Task<TimeSpan?> TimeAsync(CancellationToken cancellationToken)
    {
        await BeginAsync(cancellationToken);
        try
        {
            var json = JsonDocument.Parse(string.Concat(await ReadAsync($"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {query}", cancellationToken)));
            return TimeSpan.FromMilliseconds(json.RootElement[0].GetProperty("Execution Time").GetDouble());
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.QueryCanceled && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (PostgresException fault) when (!cancellationToken.IsCancellationRequested && fault.Severity != "FATAL")
        {
            throw new DatabaseException($"The query fails: {fault.MessageText}.", "Correct it, and try again.", fault);
        }
        finally
        {
            if (connection.State == System.Data.ConnectionState.Open)
            {
                await connection.ExecuteAsync("ROLLBACK", CancellationToken.None);
            }
        }
    }

    private async Task<List<string>> ReadAsync(string sql, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new NpgsqlBatchCommand(sql) }, Timeout = 0 };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        List<string> lines = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            lines.Add(reader.GetFieldValue<string>(0));
        }

        return lines;
    }

    private static void Collect(JsonElement element, HashSet<string> indexes)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var one in element.EnumerateArray())
            {
                Collect(one, indexes);
            }
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in element.EnumerateObject())
            {
                if (property is { Name: "Index Name", Value.ValueKind: JsonValueKind.String })
                {
                    indexes.Add(property.Value.GetString()!);
                }

                Collect(property.Value, indexes);
            }
        }
    }
}

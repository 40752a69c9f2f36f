using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Dashboard.Core.Databases;
using Dashboard.Core.Maintenance;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Statements;
using Npgsql;

namespace Dashboard.Postgres.Maintenance;

/// <summary>
/// A query that somebody has pasted: judged by what the server made of it (<see cref="TypedSelect"/>), and then explained in a transaction that can't write.
/// Its rows stay on the server.
/// </summary>
[SuppressMessage("Security", "CA2100", Justification = "The text is a person's own, and is run only as one statement that reads.")]
internal sealed class MeasureQuery(NpgsqlConnection connection, string query)
{
    /// <summary>A plan holds the constants of its query, which may be of any length.</summary>
    private const int LongestLine = 1_000;

    private const int LongestPlan = 4_000_000;

    public async Task<bool> CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            await TypedSelect.DemandHarmlessAsync(connection, query, QueryMeasure.MostOfARun, cancellationToken);
            return true;
        }
        catch (StatementRefusedException refused)
        {
            throw new DatabaseException($"The query is not run. {refused.Message}", "Paste a single SELECT that only reads, with its values.", refused);
        }
    }

    public async Task<QueryMeasure> RunAsync(CancellationToken cancellationToken)
    {
        await CheckAsync(cancellationToken);
        await BeginAsync(cancellationToken);
        List<string> plan;
        HashSet<string> indexes = [];
        try
        {
            plan = await ReadAsync($"EXPLAIN (COSTS OFF) {query}", LongestLine, cancellationToken);
            Collect((await ExplainAsync("FORMAT JSON", cancellationToken)).RootElement, indexes);
        }
        catch (PostgresException fault) when (TypedSelect.IsOfText(fault.SqlState))
        {
            throw Failed(fault);
        }
        finally
        {
            await TypedSelect.LeaveAsync(connection);
        }

        var (median, runs) = await QueryMeasure.TimeAsync(() => TimeAsync(cancellationToken));
        return new QueryMeasure(median, runs, plan, [.. indexes]);
    }

    private Task BeginAsync(CancellationToken cancellationToken) =>
        connection.ExecuteAsync($"BEGIN READ ONLY; SET LOCAL statement_timeout = {SessionSettings.Milliseconds(QueryMeasure.MostOfARun)}; {TypedSelect.NamesOfPerson}", cancellationToken);

    /// <summary>As the server itself measures it, without the way of the rows to here. Null when it had to be stopped.</summary>
    private async Task<TimeSpan?> TimeAsync(CancellationToken cancellationToken)
    {
        await BeginAsync(cancellationToken);
        try
        {
            var json = await ExplainAsync("ANALYZE, TIMING OFF, FORMAT JSON", cancellationToken);
            return TimeSpan.FromMilliseconds(json.RootElement[0].GetProperty("Execution Time").GetDouble());
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.QueryCanceled && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (PostgresException fault) when (!cancellationToken.IsCancellationRequested && fault.Severity != "FATAL")
        {
            throw Failed(fault);
        }
        finally
        {
            await TypedSelect.LeaveAsync(connection);
        }
    }

    private static DatabaseException Failed(PostgresException fault) => new($"The query fails: {TypedSelect.Short(fault.MessageText)}.", "Correct it, and try again.", fault);

    private async Task<JsonDocument> ExplainAsync(string options, CancellationToken cancellationToken)
    {
        var lines = await ReadAsync($"EXPLAIN ({options}) {query}", LongestPlan, cancellationToken);
        return lines.Any(line => line.Length > LongestPlan)
            ? throw new DatabaseException("The plan of the query is too long to be read.", "Write shorter values into it.")
            : JsonDocument.Parse(string.Concat(lines));
    }

    private async Task<List<string>> ReadAsync(string sql, int longest, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new NpgsqlBatchCommand(sql) }, Timeout = 0 };
        await using var reader = await batch.ExecuteReaderAsync(System.Data.CommandBehavior.SequentialAccess, cancellationToken);
        List<string> lines = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            lines.Add(await ReadShort.TextAsync(reader, 0, longest, cancellationToken) ?? "");
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

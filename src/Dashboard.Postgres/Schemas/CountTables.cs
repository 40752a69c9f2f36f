using System.Diagnostics.CodeAnalysis;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Schemas;

/// <summary>
/// Counts tables of the snapshot that the connection is in, in the given order, until the budget is used up. Small ones share a question,
/// because the way to the server may take longer than they do.
/// </summary>
internal sealed class CountTables(NpgsqlConnection connection, TimeSpan budget, TimeProvider time)
{
    private const int MostOfOne = 50;

    /// <summary>Ten megabytes: about 20 ms, after which the time that is left is looked at again.</summary>
    private const long PagesOfOne = 1280;

    /// <summary>A table that somebody has for himself is left out, not waited for.</summary>
    private static readonly TimeSpan LockPatience = TimeSpan.FromMilliseconds(50);

    /// <summary>Where a policy hides rows from the login, counting fails: a number of some rows must not look like one of all.</summary>
    public const string AllRowsOrNone = "SET LOCAL row_security = off";

    private readonly long _began = time.GetTimestamp();
    private readonly Dictionary<TableName, long> _counts = [];
    private bool _isOver;

    private TimeSpan Left => budget - time.GetElapsedTime(_began);

    /// <param name="tables">Each with its pages. What can't be counted is left out.</param>
    public async Task<IReadOnlyDictionary<TableName, long>> RunAsync(IEnumerable<(TableName Name, long Pages)> tables, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync($"SET LOCAL lock_timeout = {SessionSettings.Milliseconds(LockPatience)}; {AllRowsOrNone}; SAVEPOINT counting", cancellationToken);
        foreach (var share in Shares(tables))
        {
            if (!_isOver && !await TryAsync(share, cancellationToken) && share.Count > 1)
            {
                // One of them fails all: each for itself, then.
                foreach (var table in share)
                {
                    if (!_isOver)
                    {
                        await TryAsync([table], cancellationToken);
                    }
                }
            }

            if (_isOver)
            {
                break;
            }
        }

        return _counts;
    }

    private static IEnumerable<List<TableName>> Shares(IEnumerable<(TableName Name, long Pages)> tables)
    {
        var (share, sum) = (new List<TableName>(), 0L);
        foreach (var (name, pages) in tables)
        {
            if (share.Count > 0 && (share.Count == MostOfOne || sum + pages > PagesOfOne))
            {
                yield return share;
                (share, sum) = ([], 0);
            }

            share.Add(name);
            sum += pages;
        }

        if (share.Count > 0)
        {
            yield return share;
        }
    }

    private async Task<bool> TryAsync(List<TableName> share, CancellationToken cancellationToken)
    {
        if (Left <= TimeSpan.Zero)
        {
            _isOver = true;
            return false;
        }

        try
        {
            await CountAsync(share, cancellationToken);
            return true;
        }
        catch (PostgresException fault) when (!cancellationToken.IsCancellationRequested && connection.FullState == System.Data.ConnectionState.Open)
        {
            // On a standby what is replayed may end a snapshot; what was counted before still is of it.
            _isOver = fault.SqlState is PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.SerializationFailure;
            await connection.ExecuteAsync("ROLLBACK TO SAVEPOINT counting", cancellationToken);
            return false;
        }
    }

    /// <summary>
    /// Not of those that inherit: they are tables of their own. Going back to the savepoint lets go of the locks, so that an ALTER TABLE waits
    /// for this share at most; the snapshot stays.
    /// </summary>
    [SuppressMessage("Security", "CA2100", Justification = "Names can't be parameters; each is quoted.")]
    private async Task CountAsync(List<TableName> share, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = 0 };
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"SET LOCAL statement_timeout = {SessionSettings.Milliseconds(Left)}"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand($"SELECT {string.Join(", ", share.Select(table => $"(SELECT count(*) FROM ONLY {table.ToSql()})"))}"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("ROLLBACK TO SAVEPOINT counting"));
        var rows = new long[share.Count];
        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
        {
            await reader.ReadAsync(cancellationToken);
            for (var column = 0; column < rows.Length; column++)
            {
                rows[column] = reader.GetInt64(column);
            }
        }

        for (var index = 0; index < rows.Length; index++)
        {
            _counts[share[index]] = rows[index];
        }
    }
}

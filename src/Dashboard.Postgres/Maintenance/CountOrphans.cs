using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Maintenance;

/// <summary>What was seen of one foreign key.</summary>
/// <param name="Rows">Orphaned rows; null when it was not checked.</param>
/// <param name="NotChecked">Why it was not, as half a sentence; otherwise null.</param>
internal sealed record KeyLook(LooseKey Key, long? Rows, string? NotChecked)
{
    /// <summary>"orders → customers: 2 rows (orders_customer)".</summary>
    public override string ToString() =>
        $"{Key.Child} → {Key.Parent}: {(Rows is { } rows ? Words.Count(rows, "row") : $"not checked, {NotChecked}")} ({Key.Name})";
}

/// <summary>
/// Counts the rows of each foreign key whose parent is missing, small tables first, so that a limit of time leaves out as few as it can. Each key is read in a
/// transaction of its own, which ends with it: no table stays locked for longer than it is read, and no snapshot keeps VACUUM from its work.
/// </summary>
internal static class CountOrphans
{
    /// <summary>How long rows under valid keys are looked for where nobody waits for just that.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(1);

    /// <param name="budget">For all of them together; null for no limit.</param>
    /// <param name="begin">Hears of each key before it is read.</param>
    public static async Task<IReadOnlyList<KeyLook>> RunAsync(NpgsqlConnection connection, IEnumerable<LooseKey> keys, TimeSpan? budget, Action<LooseKey> begin, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        List<KeyLook> looks = [];
        foreach (var key in keys.OrderBy(key => key.ChildBytes))
        {
            var left = budget - Stopwatch.GetElapsedTime(began);
            if (key.IsTemporal)
            {
                looks.Add(new KeyLook(key, null, "keys with PERIOD are not compared here"));
            }
            else if (left <= TimeSpan.Zero)
            {
                looks.Add(new KeyLook(key, null, OverTime(budget!.Value)));
            }
            else
            {
                begin(key);
                looks.Add(await LookAsync(connection, key, left, budget, cancellationToken));
            }
        }

        return looks;
    }

    private static async Task<KeyLook> LookAsync(NpgsqlConnection connection, LooseKey key, TimeSpan? left, TimeSpan? budget, CancellationToken cancellationToken)
    {
        try
        {
            return new KeyLook(key, await CountAsync(connection, key, left, cancellationToken), null);
        }
        catch (PostgresException fault) when (!cancellationToken.IsCancellationRequested && connection.FullState == System.Data.ConnectionState.Open)
        {
            return new KeyLook(key, null, fault.SqlState switch
            {
                PostgresErrorCodes.QueryCanceled when budget is { } limit => OverTime(limit),
                PostgresErrorCodes.LockNotAvailable => "a table was locked by another session",
                PostgresErrorCodes.InsufficientPrivilege => "this login may not read every row of both tables",
                _ => $"the server says: {fault.MessageText}",
            });
        }
    }

    /// <summary>Where row security would hide rows from the login it fails: a hidden parent must not look like a missing one.</summary>
    [SuppressMessage("Security", "CA2100", Justification = "Names can't be parameters; they are quoted.")]
    private static async Task<long> CountAsync(NpgsqlConnection connection, LooseKey key, TimeSpan? left, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync(
            $"SET TRANSACTION READ ONLY; SET LOCAL row_security = off; SET LOCAL lock_timeout = {SessionSettings.Milliseconds(LockPatience)}; SET LOCAL statement_timeout = {SessionSettings.Milliseconds(left)}",
            cancellationToken);
        return await connection.AskAsync<long>($"SELECT count(*) FROM {key.Children} WHERE {key.IsOrphan}", cancellationToken);
    }

    private static string OverTime(TimeSpan limit) => $"the limit of {limit.TotalSeconds:0} s was over";
}

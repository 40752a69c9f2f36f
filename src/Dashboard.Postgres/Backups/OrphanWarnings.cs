using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Maintenance;

namespace Dashboard.Postgres.Backups;

/// <summary>
/// Searches rows that would stop a restore: orphans under foreign keys that count as valid, which a restore makes again and checks. Beside the dump, in a session
/// of its own; each key at its own moment, for a snapshot shared with the dump would keep every table locked and give TRUNCATE a wider gap to empty a table in.
/// </summary>
/// <param name="Warnings">Rows that keep the backup from being restored.</param>
/// <param name="Notes">What was not looked at in time.</param>
internal sealed record OrphanWarnings(IReadOnlyList<string> Warnings, IReadOnlyList<string> Notes)
{
    private const int MostNames = 5;

    /// <param name="application">The name of the dump's sessions: whoever waits behind this one waits behind the dump, and it is ended with it.</param>
    public static async Task<OrphanWarnings> FindAsync(PostgresLocation at, string? password, string application, CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await PostgresConnections.OpenAsync(at, password, null, cancellationToken, name: application);
            var keys = (await LooseKeys.ReadAsync(session, cancellationToken)).Where(key => key.IsValidated);
            return Describe(await CountOrphans.RunAsync(session, keys, CountOrphans.Limit, _ => { }, cancellationToken));
        }
        catch (Exception fault) when (PostgresErrors.IsOfDatabase(fault) && !cancellationToken.IsCancellationRequested)
        {
            return new OrphanWarnings([], [$"Foreign keys were not checked for orphaned rows: {PostgresErrors.Explain(fault, at).Message}"]);
        }
    }

    /// <summary>Pure.</summary>
    internal static OrphanWarnings Describe(IReadOnlyList<KeyLook> looks)
    {
        var unseen = looks.Where(look => look.NotChecked is not null).ToList();
        return new OrphanWarnings(
            [.. looks.Where(look => look.Rows > 0).Select(look => $"{Words.Count(look.Rows!.Value, "row")} of {look.Key.Child} {(look.Rows == 1 ? "references a parent" : "reference parents")} missing in {look.Key.Parent}: a restore stops at {look.Key.Name}. Run “Check foreign keys”, remove these rows or add their parents, then back up again.")],
            unseen.Count == 0 ? [] : [$"{Words.Count(unseen.Count, "foreign key")} of {looks.Count} {(unseen.Count == 1 ? "was" : "were")} not checked for orphaned rows, which can stop a restore: {Words.List([.. unseen.Select(look => look.ToString())], MostNames)}."]);
    }
}

using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Maintenance;

/// <summary>
/// Finds rows whose parent is missing: under keys that the server has never validated, to the end; under those that count as valid, within a limit,
/// because that reads everything. One table alone is checked without a limit.
/// </summary>
internal sealed class ForeignKeyCheckTask(Watching watching) : PostgresTask(watching), IAimedTask
{
    public const string Key = "foreign-keys";

    public override MaintenanceDescription Description { get; } = new(
        Key,
        "Check foreign keys",
        "Check the foreign keys of {0}",
        "Searches orphaned rows. They are possible under keys that were added as NOT VALID, and under valid ones when rows were loaded with triggers disabled.",
        "Nobody who reads or writes rows waits.",
        "No space. Reads every table that has a foreign key, within 30 s for keys that count as valid. One table alone has no time limit.");

    protected override bool WorksOnStandby => true;

    public Task<IReadOnlyList<MaintenanceTarget>> ListTargetsAsync(string location, CancellationToken cancellationToken) => WatchAsync<IReadOnlyList<MaintenanceTarget>>(
        location,
        async connection => [.. (await LooseKeys.ReadAsync(connection, cancellationToken))
            .GroupBy(key => key.Child.ToString())
            .OrderBy(table => table.Key, StringComparer.Ordinal)
            .Select(table => MaintenanceTarget.Table(table.Key, table.First().ChildBytes))],
        cancellationToken);

    public Task<MaintenanceResult> RunAsync(string location, string target, RunProgress progress, CancellationToken cancellationToken) => RunInSessionAsync(
        location,
        progress,
        async session =>
        {
            var keys = (await LooseKeys.ReadAsync(session.Connection, cancellationToken)).Where(key => key.Child.ToString() == MaintenanceTarget.Read(target).Table).ToList();
            return keys.Count > 0
                ? Tell(await LookAsync(session, keys, budget: null, progress, cancellationToken), notEnforced: 0)
                : throw new DatabaseException($"There is no foreign key of {target} any more.", "Load the page again and choose another one.");
        },
        cancellationToken);

    protected override async Task<MaintenanceOutlook> LookAheadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var keys = await LooseKeys.ReadAsync(connection, cancellationToken);
        var notEnforced = await LooseKeys.CountNotEnforcedAsync(connection, cancellationToken);
        var loose = keys.Count(key => !key.IsValidated);
        List<string> sentences = [];
        if (loose > 0)
        {
            sentences.Add($"{Words.Count(loose, "foreign key")} {(loose == 1 ? "was" : "were")} never validated (NOT VALID).");
        }

        if (keys.Count - loose is > 0 and var valid)
        {
            sentences.Add($"{Words.Count(valid, "foreign key")} {(valid == 1 ? "counts" : "count")} as valid; only a check tells whether rows were loaded past {(valid == 1 ? "it" : "them")}.");
        }

        if (NotEnforced(notEnforced) is { } word)
        {
            sentences.Add(word);
        }

        return new MaintenanceOutlook(keys.Count > 0 ? MaintenanceWorth.Unknown : MaintenanceWorth.No, sentences.Count == 0 ? "No table has a foreign key." : string.Join(' ', sentences));
    }

    protected override async Task<MaintenanceResult> RunAsync(MaintenanceSession session, RunProgress progress, CancellationToken cancellationToken)
    {
        var keys = await LooseKeys.ReadAsync(session.Connection, cancellationToken);
        var loose = await LookAsync(session, keys.Where(key => !key.IsValidated), budget: null, progress, cancellationToken);
        var valid = await LookAsync(session, keys.Where(key => key.IsValidated), CountOrphans.Limit, progress, cancellationToken);
        return Tell([.. loose, .. valid], await LooseKeys.CountNotEnforcedAsync(session.Connection, cancellationToken));
    }

    private static Task<IReadOnlyList<KeyLook>> LookAsync(MaintenanceSession session, IEnumerable<LooseKey> keys, TimeSpan? budget, RunProgress progress, CancellationToken cancellationToken) =>
        CountOrphans.RunAsync(session.Connection, keys, budget, key => progress.Phase($"Searching orphaned rows: {key.Child}"), cancellationToken);

    private static MaintenanceResult Tell(IReadOnlyList<KeyLook> looks, long notEnforced)
    {
        var orphaned = looks.Where(look => look.Rows > 0).ToList();
        var unseen = looks.Where(look => look.NotChecked is not null).ToList();
        var seen = looks.Count - unseen.Count;
        var rows = orphaned.Sum(look => look.Rows!.Value);
        List<string> problems = [];
        List<string> steps = [];
        if (rows > 0)
        {
            problems.Add($"{Words.Count(rows, "row")} {(rows == 1 ? "references a missing parent" : "reference missing parents")}.");
            if (orphaned.Exists(look => look.Key.IsValidated))
            {
                problems.Add("A backup with such rows under a valid key can't be restored as it is.");
            }

            // On a key that counts as valid VALIDATE CONSTRAINT does nothing.
            var then = orphaned.Exists(look => !look.Key.IsValidated) ? "Then have the server check: ALTER TABLE … VALIDATE CONSTRAINT." : "Then run this check again.";
            steps.Add($"Add the parents again in the application, or remove the rows on the maintenance page. {then}");
        }

        if (unseen.Count > 0)
        {
            problems.Add($"{Words.Count(unseen.Count, "foreign key")} of {looks.Count} {(unseen.Count == 1 ? "was" : "were")} not checked.");
            steps.Add("Check the tables named below one by one: a check of one table has no time limit.");
        }

        if (problems.Count > 0)
        {
            return new MaintenanceResult(rows > 0 ? $"Found {Words.Count(rows, "orphaned row")}." : $"Checked {Words.Count(seen, "foreign key")}: no orphaned rows.", string.Join(' ', problems), string.Join(' ', steps))
            {
                Findings = [.. orphaned.Concat(unseen).Select(look => look.ToString())],
            };
        }

        var loose = looks.Where(look => !look.Key.IsValidated).Select(look => look.Key.Name).ToList();
        return new MaintenanceResult(string.Concat(
            seen == 0 ? "No foreign key to check." : $"Every row has its parent ({Words.Count(seen, "foreign key")} checked).",
            loose.Count == 0 ? "" : $" Validate {Words.List(loose)} so that the server relies on {(loose.Count == 1 ? "it" : "them")}: ALTER TABLE … VALIDATE CONSTRAINT.",
            NotEnforced(notEnforced) is { } word ? " " + word : ""));
    }

    private static string? NotEnforced(long count) =>
        count == 0 ? null : $"{Words.Count(count, "foreign key")} {(count == 1 ? "is" : "are")} NOT ENFORCED and not checked: any row is allowed there.";
}

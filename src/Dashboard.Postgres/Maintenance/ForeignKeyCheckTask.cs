using System.Diagnostics.CodeAnalysis;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Maintenance;

/// <summary>Finds rows whose parent is not there, where the server itself has never looked.</summary>
internal sealed class ForeignKeyCheckTask(Watching watching) : PostgresTask(watching)
{
    public const string Key = "foreign-keys";

    public override MaintenanceDescription Description { get; } = new(
        Key,
        "Check foreign keys",
        "Check the foreign keys of {0}",
        "Looks for orphans: rows that name a parent which is not there. The server prevents them, except for rows that are older than a foreign key which was added without a look at them (NOT VALID).",
        "Nobody who reads or writes rows waits.",
        "No room. A look into the parent for each row of such a key.");

    protected override async Task<MaintenanceOutlook> LookAheadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var keys = await LooseKeys.ReadAsync(connection, cancellationToken);
        var loose = keys.Count(key => !key.IsValidated);
        return loose > 0
            ? new MaintenanceOutlook(MaintenanceWorth.Unknown, $"{Words.Count(loose, "foreign key")} that the server has never looked at (NOT VALID).")
            : new MaintenanceOutlook(MaintenanceWorth.No, keys.Count == 0 ? "No table has a foreign key." : "The server keeps every foreign key: there can be no orphans.");
    }

    protected override async Task<MaintenanceResult> RunAsync(MaintenanceSession session, RunProgress progress, CancellationToken cancellationToken)
    {
        var keys = (await LooseKeys.ReadAsync(session.Connection, cancellationToken)).Where(key => !key.IsValidated).ToList();
        List<string> found = [];
        var rows = 0L;
        foreach (var key in keys)
        {
            progress.Phase($"Looking for orphans: {key.Child}");
            if (await CountAsync(session.Connection, key, cancellationToken) is var count and > 0)
            {
                rows += count;
                found.Add($"{key.Child} → {key.Parent}: {Words.Count(count, "row")} ({key.Name})");
            }
        }

        if (rows > 0)
        {
            return new MaintenanceResult(
                $"Found {Words.Count(rows, "orphan")}.",
                $"{Words.Count(rows, "row")} {(rows == 1 ? "names a parent that is" : "name parents that are")} not there.",
                "Bring the parents back in the application, or remove the rows on the maintenance page. Then let the server keep the key: ALTER TABLE … VALIDATE CONSTRAINT ….")
            {
                Findings = found,
            };
        }

        return new MaintenanceResult(keys.Count == 0 ? "Every row has its parent." : $"Every row has its parent. ALTER TABLE … VALIDATE CONSTRAINT lets the server keep {Words.List([.. keys.Select(key => key.Name)])} from now on.");
    }

    [SuppressMessage("Security", "CA2100", Justification = "Names can't be parameters; they are quoted.")]
    private static Task<long> CountAsync(NpgsqlConnection connection, LooseKey key, CancellationToken cancellationToken) =>
        connection.AskAsync<long>($"SELECT count(*) FROM {key.Child.ToSql()} c WHERE {key.IsOrphan}", cancellationToken);
}

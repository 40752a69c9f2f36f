using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Tools;
using Npgsql;

namespace Dashboard.Postgres.Restores;

/// <summary>
/// A restore that can be taken back: the new database is built beside the live one, compared, given what belongs to a database, and only then do both
/// change their names. Until that moment nobody notices anything.
/// </summary>
internal sealed class RestoreBeside(PostgresLocation at, RestoreWork work, Watching watching, FindTools tools, RunProgress progress, TimeProvider time)
{
    public async Task<RestoreResult> RunAsync(CancellationToken cancellationToken)
    {
        progress.Phase("Looking");
        await using var maintenance = await MaintenanceDatabase.OpenAsync(at, watching, cancellationToken);
        var live = await MaintenanceDatabase.FindAsync(maintenance, at.Database, cancellationToken);
        var damage = live is null ? null : await FindDamage.RunAsync(at, watching, cancellationToken);
        if (damage is not null && work.Undo is not null)
        {
            throw new DatabaseDamagedException($"No exact undo can be kept: {damage.Message}", "Plan the restore again. The damaged database will be kept beside the restored one.");
        }

        // Looked at before anything is built: what it refuses is known now.
        var pause = live is { } number && damage is null ? await PauseSubscriptions.PlanAsync(maintenance, at, number, watching, cancellationToken) : null;
        if (live is not null && damage is null && work.Undo is null)
        {
            return await new RestoreInPlace(at, work, watching, tools, progress).RunAsync(cancellationToken);
        }

        return work.Content.Kind == ContentKind.Beside
            ? await SwapAsync(maintenance, live, damage, work.Content.Name, isKept: true, [], pause, cancellationToken)
            : await BuildAsync(maintenance, live, damage, pause, cancellationToken);
    }

    private async Task<RestoreResult> BuildAsync(NpgsqlConnection maintenance, uint? live, DatabaseException? damage, PauseSubscriptions? pause, CancellationToken cancellationToken)
    {
        var name = work.Undo is { } undo ? Names.Twin(at.Database, undo.Name, Names.Restore) : Names.Beside(at.Database, Names.Restore, time.GetUtcNow());
        var isChanged = false;
        try
        {
            progress.Phase("Making a new database");
            await MaintenanceDatabase.DropAsync(maintenance, at, watching, name, cancellationToken);
            var leaveOut = await LeaveOut.OfAsync(maintenance, at, work.Content.Name, work.LeavesOut, tools, cancellationToken);
            await Blueprint.CreateAsync(maintenance, at.Database, name, cancellationToken, withoutTablespace: leaveOut.Tablespaces);
            var warnings = await new FillDatabase(at, name, work.Content.Name, watching, tools, progress, work.WithoutOwners, await Heirs.FindAsync(maintenance, at, work.WithoutOwners, watching, cancellationToken), leaveOut: leaveOut).RunAsync(work.Rows, cancellationToken);
            var result = await SwapAsync(maintenance, live, damage, name, isKept: false, warnings, pause, cancellationToken);
            isChanged = true;
            return result;
        }
        finally
        {
            if (!isChanged)
            {
                await RemoveAsync(name, cancellationToken);
            }
        }
    }

    private async Task<RestoreResult> SwapAsync(
        NpgsqlConnection maintenance, uint? live, DatabaseException? damage, string name, bool isKept, IReadOnlyList<string> warnings, PauseSubscriptions? pause, CancellationToken cancellationToken)
    {
        progress.Phase("Waiting for sessions to end");
        var made = await MaintenanceDatabase.FindAsync(maintenance, name, cancellationToken) ?? throw new DatabaseMissingException($"The database {name} is no longer there.", "Restore a backup instead.");
        var old = live is null ? null : work.Undo?.Name ?? await FindDamagedNameAsync(maintenance, cancellationToken);
        if (live is not null)
        {
            // What was set aside has its settings still; an undo never fails for those of now.
            var forbidden = work.LeavesOut || isKept ? await Settings.FindGapsAsync(maintenance, at, cancellationToken) : [];
            warnings = [.. warnings, .. forbidden.Select(setting => $"Left out: {setting.Gap.Problem} {setting.Gap.LeftOut}")];
            await using var transaction = await maintenance.BeginTransactionAsync(cancellationToken);
            await Blueprint.CopyAsync(maintenance, at.Database, name, cancellationToken, [.. forbidden.Select(setting => setting.Setting)]);
            await transaction.CommitAsync(cancellationToken);
        }

        var advice = await AdviseOnSubscriptions.RunAsync(maintenance, at, name, watching, cancellationToken);
        await work.CheckpointAsync(new RestoreMark(live, made, name, isKept, pause?.Names).ToJson());
        cancellationToken.ThrowIfCancellationRequested();

        progress.Phase("Changing names", canCancel: false);
        var waited = await ChangeAsync(maintenance, old, name, pause);
        return new RestoreResult(waited, damage is null ? null : old, [.. warnings, .. advice]);
    }

    private async Task<TimeSpan> ChangeAsync(NpgsqlConnection maintenance, string? old, string name, PauseSubscriptions? pause)
    {
        try
        {
            await (pause?.PauseAsync(maintenance, CancellationToken.None) ?? Task.CompletedTask);
            return await new ChangeNames(at, watching).RunAsync(old, name, CancellationToken.None);
        }
        catch
        {
            await ResumeAsync(pause);
            throw;
        }
    }

    /// <summary>The database that stays live goes on following. What can't be done now is done by whoever traces this restore, or told.</summary>
    private async Task ResumeAsync(PauseSubscriptions? pause)
    {
        try
        {
            await (pause?.ResumeAsync(CancellationToken.None) ?? Task.CompletedTask);
        }
        catch (Exception fault) when (PostgresErrors.IsOfDatabase(fault))
        {
            progress.Warn($"Subscriptions of {at.Database} could not be enabled again: {Words.List(pause!.Names, 3)}. Enable them when the server answers.");
        }
    }

    /// <summary>Of this second, or of the next one that is free: two restores may come within one second.</summary>
    private async Task<string> FindDamagedNameAsync(NpgsqlConnection maintenance, CancellationToken cancellationToken)
    {
        for (var moment = time.GetUtcNow(); ; moment = moment.AddSeconds(1))
        {
            var name = Names.Beside(at.Database, Names.Damaged, moment);
            if (await MaintenanceDatabase.FindAsync(maintenance, name, cancellationToken) is null)
            {
                return name;
            }
        }
    }

    /// <summary>Nothing of a restore that did not happen stays. That it can't be removed now is found by the next look at the database.</summary>
    private async Task RemoveAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            await MaintenanceDatabase.RemoveAsync(at, name, watching, cancellationToken);
        }
        catch (Exception fault) when (PostgresErrors.IsOfDatabase(fault))
        {
            progress.Warn($"The unfinished database {name} could not be removed: {PostgresErrors.Explain(fault, at).Message}");
        }
    }
}

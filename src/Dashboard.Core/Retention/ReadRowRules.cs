using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Schedules;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Retention;

/// <summary>A rule as the page shows it.</summary>
/// <param name="Last">What its table's last run did.</param>
public sealed record RowRuleLine(RowRule Rule, RowRemoval? Last, Schedule? Schedule);

/// <summary>The rules of a database, what they removed, and the files that hold it.</summary>
public sealed class ReadRowRules(IDbContextFactory<DashboardStore> stores)
{
    /// <summary>By table.</summary>
    public async Task<IReadOnlyList<RowRuleLine>> ListAsync(Actor actor, Guid databaseId, CancellationToken cancellationToken)
    {
        Permit.Demand(actor, Verb.SeeDatabases, Subject.Database(databaseId));
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var rules = await store.RowRules.AsNoTracking().Where(rule => rule.DatabaseId == databaseId).OrderBy(rule => rule.Table).ToListAsync(cancellationToken);
        var last = await store.RowRemovals.AsNoTracking()
            .Where(removal => removal.DatabaseId == databaseId)
            .GroupBy(removal => removal.Table)
            .Select(removals => removals.OrderByDescending(removal => removal.StartedAt).First())
            .ToListAsync(cancellationToken);
        var schedules = await store.Schedules.AsNoTracking().Where(schedule => schedule.SubjectId == databaseId && schedule.Job == JobKeys.Retention).ToListAsync(cancellationToken);
        return
        [
            .. rules.Select(rule => new RowRuleLine(
                rule,
                last.FirstOrDefault(removal => removal.Table == rule.Table),
                schedules.FirstOrDefault(schedule => schedule.Arguments == SetSchedule.Write(new RetentionArguments(rule.Id))))),
        ];
    }

    /// <summary>Runs, newest first, with the number of all.</summary>
    public async Task<(IReadOnlyList<RowRemoval> Removals, int Total)> ListRemovalsAsync(Actor actor, Guid databaseId, int skip, int take, CancellationToken cancellationToken)
    {
        Permit.Demand(actor, Verb.SeeRuns, Subject.Database(databaseId));
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var removals = store.RowRemovals.AsNoTracking().Where(removal => removal.DatabaseId == databaseId);
        return (await removals.OrderByDescending(removal => removal.StartedAt).ThenByDescending(removal => removal.Id).Skip(skip).Take(take).ToListAsync(cancellationToken), await removals.CountAsync(cancellationToken));
    }

    /// <summary>Files of removed rows, newest first.</summary>
    public async Task<IReadOnlyList<RowArchive>> ListArchivesAsync(Actor actor, Guid databaseId, CancellationToken cancellationToken)
    {
        Permit.Demand(actor, Verb.SeeBackups, Subject.Database(databaseId));
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        return await store.RowArchives.AsNoTracking().Where(archive => archive.DatabaseId == databaseId).OrderByDescending(archive => archive.WrittenAt).ToListAsync(cancellationToken);
    }

    /// <summary>The file to send; null when there is none.</summary>
    public async Task<(string Path, string Name)?> FindDownloadAsync(Actor actor, Guid archiveId, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var archive = await store.RowArchives.AsNoTracking().FirstOrDefaultAsync(row => row.Id == archiveId, cancellationToken);
        if (archive is null)
        {
            return null;
        }

        Permit.Demand(actor, Verb.DownloadRows, Subject.Database(archive.DatabaseId));
        return File.Exists(archive.FilePath) ? (archive.FilePath, archive.FileName) : null;
    }
}

using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Schedules;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Retention;

/// <summary>Makes, changes and removes the rule of a table.</summary>
public sealed class SaveRowRule(IDbContextFactory<DashboardStore> stores, LookAtRows look, JobFeed feed, TimeProvider time)
{
    /// <summary>Looked at first: what can't be, or a condition that does more than choose rows, is never stored.</summary>
    /// <exception cref="DatabaseException">With what is wrong.</exception>
    public async Task<RowRule> SaveAsync(Actor actor, Database database, RowRule wanted, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(wanted);
        Permit.Demand(actor, Verb.EditRowRule, database.Subject);
        await look.DemandAsync(database, wanted, cancellationToken);

        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var rule = await store.RowRules.FirstOrDefaultAsync(row => row.DatabaseId == database.Id && row.Table == wanted.Table, cancellationToken);
        if (rule is null)
        {
            rule = new RowRule { Id = Guid.CreateVersion7(time.GetUtcNow()), DatabaseId = database.Id, Table = wanted.Table, Column = wanted.Column, Kind = wanted.Kind, Zone = wanted.Zone, Days = wanted.Days, ChangedAt = time.GetUtcNow() };
            store.RowRules.Add(rule);
        }

        rule.Column = wanted.Column;
        rule.Kind = wanted.Kind;
        rule.Zone = wanted.Zone;
        rule.Days = wanted.Days;
        rule.Condition = wanted.Condition;
        rule.LetsKeysAct = wanted.LetsKeysAct;
        rule.Archive = wanted.Archive;
        rule.ArchiveTable = wanted.Archive == ArchiveKind.Table ? wanted.ArchiveTable : null;
        rule.PurgeDays = wanted.PurgeDays;
        rule.MostPercent = wanted.MostPercent;
        rule.ChangedAt = time.GetUtcNow();
        rule.ChangedBy = actor.Name;
        await store.SaveChangesAsync(cancellationToken);
        feed.Changed();
        return rule;
    }

    /// <summary>Its schedule goes with it; archives and history stay.</summary>
    public async Task RemoveAsync(Actor actor, Database database, Guid ruleId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        Permit.Demand(actor, Verb.EditRowRule, database.Subject);
        var told = SetSchedule.Write(new RetentionArguments(ruleId));
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        store.Schedules.RemoveRange(await store.Schedules.Where(schedule => schedule.SubjectId == database.Id && schedule.Job == JobKeys.Retention && schedule.Arguments == told).ToListAsync(cancellationToken));
        store.RowRules.RemoveRange(await store.RowRules.Where(rule => rule.Id == ruleId && rule.DatabaseId == database.Id).ToListAsync(cancellationToken));
        await store.SaveChangesAsync(cancellationToken);
        feed.Changed();
    }
}

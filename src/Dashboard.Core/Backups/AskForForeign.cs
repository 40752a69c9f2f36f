using Dashboard.Core.Access;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Dashboard.Core.Backups;

/// <param name="WithoutOwners">Whether what owners and rights the dump gives are left out.</param>
internal sealed record ForeignArguments(Guid DumpId, bool WithoutUndo, bool WithoutOwners);

/// <summary>What a person reads before a foreign dump is restored.</summary>
/// <param name="NeedsName">Whether the name has to be typed, whichever way it goes.</param>
/// <param name="LiveBlocker">Why it can't replace the live database, with what to do.</param>
/// <param name="NewBlocker">Why it can't become a new database.</param>
public sealed record ForeignPlan(Database Database, StagedDump Dump, bool NeedsName, string? LiveBlocker, string? NewBlocker)
{
    /// <summary>Why owners and rights can't be as the dump has them; null when they can.</summary>
    public string? OwnersProblem { get; init; }

    /// <summary>Why the restore into the live database can't be undone; null when it can.</summary>
    public string? NoUndoBecause { get; init; }

    public IReadOnlyList<string> Warnings { get; init; } = [];

    public required TimeSpan UndoFor { get; init; }
}

/// <summary>What a person asks of a dump that this product did not make. What must be confirmed is decided and checked here.</summary>
public sealed class AskForForeign(IDbContextFactory<DashboardStore> stores, EngineCatalog engines, StageForeign staging, AskForRun ask, IOptionsMonitor<DashboardOptions> options)
{
    /// <summary>Null when the dump is not there any more.</summary>
    public async Task<ForeignPlan?> PlanAsync(Actor actor, Guid dumpId, CancellationToken cancellationToken) =>
        await staging.FindAsync(actor, dumpId, cancellationToken) is { } dump ? (await PlanAsync(dump, cancellationToken)).Plan : null;

    /// <summary>Into the live database.</summary>
    /// <exception cref="NameNeededException">When the name was not typed.</exception>
    /// <exception cref="DatabaseException">When it can't be done.</exception>
    public async Task<Run> InPlaceAsync(Actor actor, Guid dumpId, string? typedName, bool withoutOwners, CancellationToken cancellationToken)
    {
        var (plan, outlook) = await DemandAsync(actor, dumpId, typedName, withoutOwners, cancellationToken);
        if (plan.LiveBlocker is not null || outlook is null)
        {
            throw new DatabaseException(plan.LiveBlocker ?? "This can't replace a live database.");
        }

        return await ask.AskAsync(actor, JobKeys.RestoreForeign, plan.Database.Subject, new ForeignArguments(dumpId, WithoutUndo: !outlook.IsLiveReadable || !outlook.CanUndo, withoutOwners), cancellationToken);
    }

    /// <summary>Into a new database beside it.</summary>
    /// <exception cref="NameNeededException">When the name was not typed where it is needed.</exception>
    /// <exception cref="DatabaseException">When it can't be done.</exception>
    public async Task<Run> AsNewAsync(Actor actor, Guid dumpId, string? typedName, bool withoutOwners, CancellationToken cancellationToken)
    {
        var (plan, _) = await DemandAsync(actor, dumpId, typedName, withoutOwners, cancellationToken);
        return plan.NewBlocker is null
            ? await ask.AskAsync(actor, JobKeys.RestoreForeignAsNew, plan.Database.Subject, new ForeignArguments(dumpId, WithoutUndo: false, withoutOwners), cancellationToken)
            : throw new DatabaseException(plan.NewBlocker);
    }

    private async Task<(ForeignPlan Plan, RestoreOutlook? Outlook)> DemandAsync(Actor actor, Guid dumpId, string? typedName, bool withoutOwners, CancellationToken cancellationToken)
    {
        var dump = await staging.FindAsync(actor, dumpId, cancellationToken) ?? throw new DatabaseMissingException("This dump is no longer there.", "Give it once more.");
        var (plan, outlook) = await PlanAsync(dump, cancellationToken);
        if (plan.NeedsName)
        {
            TypedName.Demand(plan.Database, typedName);
        }

        return withoutOwners || plan.OwnersProblem is null ? (plan, outlook) : throw new DatabaseException(plan.OwnersProblem);
    }

    private async Task<(ForeignPlan Plan, RestoreOutlook? Outlook)> PlanAsync(StagedDump dump, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var database = await store.Databases.AsNoTracking().FirstAsync(row => row.Id == dump.DatabaseId, cancellationToken);
        var engine = engines.For(database);
        var undoFor = TimeSpan.FromHours(options.CurrentValue.UndoHours);
        if (dump.Content.Kind == ForeignKind.Script)
        {
            var blocker = await ((IForeignDumps)engine).FindScriptBlockerAsync(database.Location, cancellationToken);
            return (new ForeignPlan(database, dump, NeedsName: false, "A dump of plain SQL is restored into a new database only: what it does can't be looked through before.", blocker) { UndoFor = undoFor }, null);
        }

        var outlook = await engine.LookAheadAsync(database.Location, dump.Bytes, dump.Content.Identity, cancellationToken);
        var plan = new ForeignPlan(database, dump, NeedsName: true, AskForRestore.Blocker(database, outlook), outlook.CopyBlocker)
        {
            OwnersProblem = outlook.OwnersProblem,
            NoUndoBecause = outlook.LiveProblem ?? outlook.NoUndoBecause,
            Warnings = outlook.Warnings,
            UndoFor = undoFor,
        };
        return (plan, outlook);
    }
}

using Dashboard.Core.Access;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Dashboard.Core.Backups;

/// <param name="WithoutOwners">Whether what owners and rights the dump gives are left out.</param>
internal sealed record ForeignArguments(Guid DumpId, bool WithoutUndo, bool WithoutOwners, Guid? LoginId, bool LeavesOut = false);

/// <summary>What a person reads before a foreign dump is restored.</summary>
/// <param name="NeedsName">Whether the name has to be typed, whichever way it goes.</param>
/// <param name="LiveBlocker">Why it can't replace the live database, with what to do.</param>
/// <param name="NewBlocker">Why it can't become a new database.</param>
public sealed record ForeignPlan(Database Database, StagedDump Dump, bool NeedsName, string? LiveBlocker, string? NewBlocker)
{
    /// <summary>Why owners and rights can't be as the dump has them; null when they can.</summary>
    public string? OwnersProblem { get; init; }

    /// <summary>Whether the login lacks something that another one, given for this restore, could have.</summary>
    public bool WantsLogin { get; init; }

    /// <summary>Why the restore into the live database can't be undone; null when it can.</summary>
    public string? NoUndoBecause { get; init; }

    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>What of the dump the login can't restore.</summary>
    public IReadOnlyList<RestoreGap> Gaps { get; init; } = [];

    public required TimeSpan UndoFor { get; init; }
}

/// <summary>What a person asks of a dump that this product did not make. What must be confirmed is decided and checked here.</summary>
public sealed class AskForForeign(IDbContextFactory<DashboardStore> stores, LendLogin lend, StageForeign staging, AskForRun ask, IOptionsMonitor<DashboardOptions> options)
{
    /// <summary>Null when the dump is not there any more.</summary>
    /// <param name="login">Another login that the restore is to use.</param>
    public async Task<ForeignPlan?> PlanAsync(Actor actor, Guid dumpId, CancellationToken cancellationToken, Login? login = null) =>
        await staging.FindAsync(actor, dumpId, cancellationToken) is { } dump ? (await PlanAsync(dump, login, cancellationToken)).Plan : null;

    /// <summary>Into the live database.</summary>
    /// <exception cref="NameNeededException">When the name was not typed.</exception>
    /// <exception cref="DatabaseException">When it can't be done.</exception>
    public async Task<Run> InPlaceAsync(Actor actor, Guid dumpId, string? typedName, bool withoutOwners, CancellationToken cancellationToken, Login? login = null, bool leavesOut = false)
    {
        var (plan, outlook) = await DemandAsync(actor, dumpId, typedName, withoutOwners, login, cancellationToken);
        if (plan.LiveBlocker is not null || outlook is null)
        {
            throw new DatabaseException(plan.LiveBlocker ?? "This can't replace a live database.");
        }

        Demand(plan.Gaps, leavesOut);

        return await lend.ForAsync(plan.Database, login, id => ask.AskAsync(actor, JobKeys.RestoreForeign, plan.Database.Subject, new ForeignArguments(dumpId, WithoutUndo: !outlook.IsLiveReadable || !outlook.CanUndo, withoutOwners, id, leavesOut), cancellationToken), cancellationToken);
    }

    /// <summary>Into a new database beside it.</summary>
    /// <exception cref="NameNeededException">When the name was not typed where it is needed.</exception>
    /// <exception cref="DatabaseException">When it can't be done.</exception>
    public async Task<Run> AsNewAsync(Actor actor, Guid dumpId, string? typedName, bool withoutOwners, CancellationToken cancellationToken, Login? login = null, bool leavesOut = false)
    {
        var (plan, _) = await DemandAsync(actor, dumpId, typedName, withoutOwners, login, cancellationToken);
        Demand(plan.Gaps.Where(gap => !gap.IsOfLiveOnly), leavesOut);
        return plan.NewBlocker is null
            ? await lend.ForAsync(plan.Database, login, id => ask.AskAsync(actor, JobKeys.RestoreForeignAsNew, plan.Database.Subject, new ForeignArguments(dumpId, WithoutUndo: false, withoutOwners, id, leavesOut), cancellationToken), cancellationToken)
            : throw new DatabaseException(plan.NewBlocker);
    }

    private static void Demand(IEnumerable<RestoreGap> gaps, bool leavesOut)
    {
        if (RestoreGap.Blocker(gaps, leavesOut) is { } blocker)
        {
            throw new DatabaseException(blocker);
        }
    }

    private async Task<(ForeignPlan Plan, RestoreOutlook? Outlook)> DemandAsync(Actor actor, Guid dumpId, string? typedName, bool withoutOwners, Login? login, CancellationToken cancellationToken)
    {
        var dump = await staging.FindAsync(actor, dumpId, cancellationToken) ?? throw new DatabaseMissingException("This dump is no longer there.", "Give it once more.");
        var (plan, outlook) = await PlanAsync(dump, login, cancellationToken);
        if (plan.NeedsName)
        {
            TypedName.Demand(plan.Database, typedName);
        }

        return withoutOwners || plan.OwnersProblem is null ? (plan, outlook) : throw new DatabaseException(plan.OwnersProblem);
    }

    private async Task<(ForeignPlan Plan, RestoreOutlook? Outlook)> PlanAsync(StagedDump dump, Login? login, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var database = await store.Databases.AsNoTracking().FirstAsync(row => row.Id == dump.DatabaseId, cancellationToken);
        await using var lent = lend.EngineFor(database, login);
        var engine = lent.Engine;
        var undoFor = TimeSpan.FromHours(options.CurrentValue.UndoHours);
        if (dump.Content.Kind == ForeignKind.Script)
        {
            var blocker = await ((IForeignDumps)engine).FindScriptBlockerAsync(database.Location, cancellationToken);
            return (new ForeignPlan(database, dump, NeedsName: false, "A dump of plain SQL is restored into a new database only: what it does can't be looked through before.", blocker) { WantsLogin = lend.CanLend(database) && blocker is not null, UndoFor = undoFor }, null);
        }

        var outlook = await engine.LookAheadAsync(database.Location, dump.Bytes, dump.Content.Identity, cancellationToken);
        var plan = new ForeignPlan(database, dump, NeedsName: true, AskForRestore.Blocker(database, outlook), outlook.CopyBlocker)
        {
            OwnersProblem = outlook.OwnersProblem,
            WantsLogin = lend.CanLend(database) && (outlook.LoginProblem is not null || outlook.IsOwnersProblemOfLogin || outlook.Gaps.Count > 0),
            Gaps = outlook.Gaps,
            NoUndoBecause = outlook.LiveProblem ?? outlook.NoUndoBecause,
            Warnings = outlook.Warnings,
            UndoFor = undoFor,
        };
        return (plan, outlook);
    }
}

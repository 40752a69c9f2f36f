using System.Diagnostics;
using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Backups;

/// <summary>Restores a dump that somebody else made into a new database beside the live one, which is not touched.</summary>
internal sealed class RestoreForeignAsNew(IDbContextFactory<DashboardStore> stores, LendLogin lend, StagedDumps dumps) : IJob
{
    public string Key => JobKeys.RestoreForeignAsNew;

    public string Title => "Restore a foreign dump beside {0}";

    public bool Writes => false;

    public bool IsOneAtATime => false;

    public Verb Verb => Verb.RestoreForeign;

    public async Task<RunOutcome> RunAsync(RunContext context, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var (arguments, dump, database) = await RestoreForeign.FindAsync(stores, dumps, context.Run, cancellationToken);
        try
        {
            var work = new CopyWork(dumps.FileOf(dump.Id), RestoreAsCopy.Label(context.Run)) { WithoutOwners = arguments.WithoutOwners, LeavesOut = arguments.LeavesOut };
            await using var lent = await lend.EngineForAsync(database, arguments.LoginId, cancellationToken);
            var made = await MakeAsync(lent.Engine, dump, database, work, context.Progress, cancellationToken);
            await lend.ReturnAsync(arguments.LoginId);
            context.Progress.Warn(made.Warnings);
            return RestoreAsCopy.Say($"{made.Location} holds what {dump.Name} brought ({Words.Bytes(dump.Bytes)}), made in {Words.Duration(Stopwatch.GetElapsedTime(began))}. {database.Name} was not touched.", made);
        }
        finally
        {
            dumps.Remove(dump.Id);
        }
    }

    public async Task<RunOutcome> ReconcileAsync(RunContext context, CancellationToken cancellationToken)
    {
        dumps.Remove(RestoreForeign.Read(context.Run).DumpId);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var database = await store.Databases.AsNoTracking().FirstAsync(row => row.Id == context.Run.SubjectId, cancellationToken);
        await using var lent = await lend.EngineAfterKillAsync(database, context.Run, cancellationToken);
        return await RestoreAsCopy.TraceAsync(lent.Engine, database, context.Run, "Give the dump once more.", cancellationToken);
    }

    private static async Task<CopyResult> MakeAsync(IDatabaseEngine engine, StagedDump dump, Database database, CopyWork work, RunProgress progress, CancellationToken cancellationToken)
    {
        if (dump.Content.Kind == ForeignKind.Script)
        {
            return await ((IForeignDumps)engine).RunScriptAsync(database.Location, work, progress, cancellationToken);
        }

        var check = await engine.CheckCopyAsync(work.File, null, CheckDepth.Full, progress, cancellationToken);
        return check.IsSound
            ? await engine.RestoreAsCopyAsync(database.Location, work, progress, cancellationToken)
            : throw new DatabaseDamagedException($"The archive is damaged: {string.Join(" ", check.Problems.Take(3))}", "Bring it here once more; it may have been cut off on its way.");
    }
}

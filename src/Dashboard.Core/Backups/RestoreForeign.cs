using System.Diagnostics;
using System.Text.Json;
using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Backups;

/// <summary>Puts the content of an archive that somebody else made into the live database, with an undo as every restore has it.</summary>
internal sealed class RestoreForeign(IDbContextFactory<DashboardStore> stores, StagedDumps dumps, ReplaceContent replace, LendLogin lend) : IJob
{
    public string Key => JobKeys.RestoreForeign;

    public string Title => "Restore a foreign archive into {0}";

    public bool Writes => true;

    public bool IsOneAtATime => false;

    public Verb Verb => Verb.RestoreForeign;

    public async Task<RunOutcome> RunAsync(RunContext context, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var (arguments, dump, database) = await FindAsync(stores, dumps, context.Run, cancellationToken);
        try
        {
            var done = await replace.ReplaceForeignAsync(context, dumps.FileOf(dump.Id), database, arguments.WithoutUndo, arguments.WithoutOwners, cancellationToken, arguments.LeavesOut);
            await lend.ReturnAsync(arguments.LoginId);
            return RestoreBackup.Say($"Restored {dump.Name} ({Words.Bytes(dump.Bytes)}) in {Words.Duration(Stopwatch.GetElapsedTime(began))}; writers waited {Words.Duration(done.Result.WritersWaited)}.", done);
        }
        finally
        {
            dumps.Remove(dump.Id);
        }
    }

    public async Task<RunOutcome> ReconcileAsync(RunContext context, CancellationToken cancellationToken)
    {
        var outcome = await replace.ReconcileAsync(context, cancellationToken);
        dumps.Remove(Read(context.Run).DumpId);
        return outcome;
    }

    internal static ForeignArguments Read(Run run) => JsonSerializer.Deserialize<ForeignArguments>(run.Arguments!)!;

    /// <exception cref="DatabaseMissingException">When the dump is gone.</exception>
    internal static async Task<(ForeignArguments Arguments, StagedDump Dump, Database Database)> FindAsync(IDbContextFactory<DashboardStore> stores, StagedDumps dumps, Run run, CancellationToken cancellationToken)
    {
        var arguments = Read(run);
        var dump = await dumps.ReadAsync(arguments.DumpId, cancellationToken) ?? throw new DatabaseMissingException("The dump is no longer there.", "Give it once more.");
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        return (arguments, dump, await store.Databases.AsNoTracking().FirstAsync(row => row.Id == run.SubjectId, cancellationToken));
    }
}

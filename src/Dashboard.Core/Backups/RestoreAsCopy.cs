using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Backups;

/// <summary>Restores a backup into a new database beside the live one, which is not touched.</summary>
internal sealed class RestoreAsCopy(IDbContextFactory<DashboardStore> stores, LendLogin lend, UnpackBackup unpack) : IJob
{
    public const string JobKey = JobKeys.RestoreCopy;

    public string Key => JobKey;

    public string Title => "Restore a copy of {0}";

    public bool Writes => false;

    public bool IsOneAtATime => false;

    public Verb Verb => Verb.RestoreAsCopy;

    public async Task<RunOutcome> RunAsync(RunContext context, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var (backup, database) = await CheckBackup.FindAsync(stores, context.Run, cancellationToken);
        var arguments = JsonSerializer.Deserialize<BackupArguments>(context.Run.Arguments!)!;
        await using var lent = await lend.EngineForAsync(database, arguments.LoginId, cancellationToken);
        var engine = lent.Engine;
        var work = CheckBackup.WorkFile(backup, context.Run);
        try
        {
            await unpack.UnpackAsync(backup, work, context.Progress, cancellationToken);
            var check = await engine.CheckCopyAsync(work, TableCounts.Read(backup.Rows), CheckDepth.Quick, context.Progress, cancellationToken);
            if (!check.IsSound)
            {
                var problem = string.Join(" ", check.Problems.Take(3));
                await unpack.MarkAsync(backup.Id, CheckLevel.Invalid, problem, CancellationToken.None);
                throw new DatabaseDamagedException($"The backup is damaged: {problem}", "Use another backup.");
            }

            var made = await engine.RestoreAsCopyAsync(database.Location, new CopyWork(work, Label(context.Run)) { WithoutOwners = arguments.WithoutOwners, LeavesOut = arguments.LeavesOut }, context.Progress, cancellationToken);
            await lend.ReturnAsync(arguments.LoginId);
            context.Progress.Warn(made.Warnings);
            return Say($"{made.Location} holds {Words.Bytes(backup.ContentBytes)} ({Words.Count(backup.RowTotal, "row")}), made in {Words.Duration(Stopwatch.GetElapsedTime(began))}. {database.Name} was not touched.", made);
        }
        finally
        {
            CheckBackup.DeleteWork(work);
        }
    }

    public async Task<RunOutcome> ReconcileAsync(RunContext context, CancellationToken cancellationToken)
    {
        var (backup, database) = await CheckBackup.FindAsync(stores, context.Run, cancellationToken);
        CheckBackup.DeleteWork(CheckBackup.WorkFile(backup, context.Run));
        await using var lent = await lend.EngineAfterKillAsync(database, context.Run, cancellationToken);
        return await TraceAsync(lent.Engine, database, context.Run, "Restore the copy again.", cancellationToken);
    }

    /// <summary>What became of a copy whose run was killed: it bears its name only when it is whole.</summary>
    internal static async Task<RunOutcome> TraceAsync(IDatabaseEngine engine, Database database, Run run, string nextStep, CancellationToken cancellationToken) =>
        await engine.FindCopyAsync(database.Location, Label(run), cancellationToken) is { } copy
            ? RunOutcome.Succeeded($"{copy} is whole. The dashboard was stopped just after.")
            : RunOutcome.Interrupted("Stopped with the dashboard; nothing was left behind.", "The dashboard was stopped while this ran.", nextStep);

    internal static RunOutcome Say(string summary, CopyResult made) =>
        made.Warnings.Count == 0 ? RunOutcome.Succeeded(summary) : RunOutcome.WithWarnings(summary, string.Join(" ", made.Warnings));

    /// <summary>Told from the run, so that the reconciler finds what the run made.</summary>
    internal static string Label(Run run) => $"restored-{run.QueuedAt.UtcDateTime.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}-{run.Id.ToString("N")[^4..]}";
}

using System.Diagnostics;
using System.Text.Json;
using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Backups;

internal sealed record RestoreArguments(Guid BackupId, bool WithoutUndo, bool WithoutOwners = false, Guid? LoginId = null, bool LeavesOut = false);

/// <summary>Puts the content of a backup into the live database, with an exact copy of what was there.</summary>
internal sealed class RestoreBackup(IDbContextFactory<DashboardStore> stores, ReplaceContent replace, LendLogin lend) : IJob
{
    public const string JobKey = JobKeys.Restore;

    public string Key => JobKey;

    public string Title => "Restore {0}";

    public bool Writes => true;

    public bool IsOneAtATime => false;

    public Verb Verb => Verb.RestoreBackup;

    public async Task<RunOutcome> RunAsync(RunContext context, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var (backup, database) = await CheckBackup.FindAsync(stores, context.Run, cancellationToken);
        var arguments = JsonSerializer.Deserialize<RestoreArguments>(context.Run.Arguments!)!;
        var done = await replace.ReplaceAsync(context, backup, database, isUndo: false, arguments.WithoutUndo, cancellationToken, arguments.WithoutOwners, arguments.LeavesOut);
        await lend.ReturnAsync(arguments.LoginId);
        return Say($"Restored {Words.Bytes(backup.ContentBytes)} ({Words.Count(backup.RowTotal, "row")}) in {Words.Duration(Stopwatch.GetElapsedTime(began))}; writers waited {Words.Duration(done.Result.WritersWaited)}.", done);
    }

    public Task<RunOutcome> ReconcileAsync(RunContext context, CancellationToken cancellationToken) => replace.ReconcileAsync(context, cancellationToken);

    internal static RunOutcome Say(string summary, Replaced done)
    {
        if (done.Result.SetAside is { } aside)
        {
            summary += $" What was there could not be read and lies in {aside}.";
        }

        summary += done.Restore.HasUndo ? " It can be undone." : " There is no undo copy.";
        return done.Result.Warnings.Count == 0 ? RunOutcome.Succeeded(summary) : RunOutcome.WithWarnings(summary, string.Join(" ", done.Result.Warnings));
    }
}

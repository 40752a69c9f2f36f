using System.Text.Json;
using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Retention;

/// <summary>What a run of a rule is told.</summary>
/// <param name="MayTakeMost">Whether more than the rule's share of the table may go.</param>
public sealed record RetentionArguments(Guid Rule, bool MayTakeMost = false);

/// <summary>Runs one rule: looks, archives, removes in small pieces, purges. What was done is kept as it goes.</summary>
internal sealed class RemoveRows(IDbContextFactory<DashboardStore> stores, LookAtRows look, RowArchives archives, TimeProvider time) : IJob
{
    /// <summary>Between two pieces: whoever waited to write gets in.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan BetweenNotes = TimeSpan.FromSeconds(1);

    private const int LinesAtATime = 500;

    public string Key => JobKeys.Retention;

    public string Title => "Remove old rows of {0}";

    public bool Writes => true;

    public bool IsOneAtATime => false;

    public Verb Verb => Verb.RemoveRows;

    public async Task<RunOutcome> RunAsync(RunContext context, CancellationToken cancellationToken)
    {
        var told = JsonSerializer.Deserialize<RetentionArguments>(context.Run.Arguments ?? "{}") ?? throw new DatabaseException("This run was not told which rule it is of.");
        var database = await FindRegistered.RunAsync(stores, context.Run.SubjectId, cancellationToken);
        var rule = await FindAsync(database, told.Rule, cancellationToken);

        context.Progress.Phase("Counting");
        await look.DemandAsync(database, rule, cancellationToken);
        var outlook = await look.ReadAsync(database, rule, cancellationToken);
        DemandShare(rule, outlook, told.MayTakeMost);
        Tell(context.Progress, rule, outlook);

        var work = new Work(look.EngineOf(database), archives, time, NoteAsync, context, database, rule, outlook, await BeginAsync(context.Run, rule, outlook, cancellationToken));
        try
        {
            await work.RunAsync(cancellationToken);
            await work.EndAsync(null);
            return work.Outcome();
        }
        catch (OperationCanceledException stopped)
        {
            await work.EndAsync("Stopped before its end.");
            throw work.Removed > 0 ? new PartlyDoneException($"{Words.Count(work.Removed, "row")} {(work.Removed == 1 ? "is" : "are")} removed and {(work.Removed == 1 ? "stays" : "stay")} so. The next run goes on from there.", stopped.CancellationToken) : stopped;
        }
        catch (Exception fault)
        {
            await work.EndAsync(FaultWords.Of(fault).Problem);
            throw;
        }
    }

    /// <summary>What was committed stays; what was archived and not removed yet is found by the next run.</summary>
    public async Task<RunOutcome> ReconcileAsync(RunContext context, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        if (await store.Databases.AsNoTracking().FirstOrDefaultAsync(row => row.Id == context.Run.SubjectId, cancellationToken) is { } database)
        {
            await archives.SweepAsync(database, cancellationToken);
        }

        var removal = await store.RowRemovals.FirstOrDefaultAsync(row => row.Id == context.Run.Id, cancellationToken);
        if (removal is { EndedAt: null })
        {
            removal.EndedAt = time.GetUtcNow();
            removal.Problem = "The dashboard was stopped while this ran.";
            await store.SaveChangesAsync(cancellationToken);
        }

        return RunOutcome.Interrupted(
            removal is null ? "Stopped with the dashboard before a row was removed." : $"Stopped with the dashboard. At least {Words.Count(removal.Removed, "row")} of {Words.Count(removal.Planned)} were removed; every piece is whole.",
            "The dashboard was stopped while this ran.",
            "Run the rule again: it goes on from there.");
    }

    private async Task<RowRule> FindAsync(Database database, Guid rule, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        return await store.RowRules.AsNoTracking().FirstOrDefaultAsync(row => row.Id == rule && row.DatabaseId == database.Id, cancellationToken)
            ?? throw new DatabaseException("This rule is not there any more.", "Make a new one.");
    }

    private static void DemandShare(RowRule rule, RowOutlook outlook, bool mayTakeMost)
    {
        var preview = outlook.Preview;
        if (!mayTakeMost && preview.Share * 100 > rule.MostPercent)
        {
            throw new DatabaseException(
                $"{Words.Count(preview.Going)} of {Words.Count(preview.Total, "row")} of {rule.Table} would go: {Words.Share(preview.Share)}, and the rule allows {rule.MostPercent} %. Nothing was removed.",
                "Look at the preview. If all of them may go, run it there and type the name.");
        }
    }

    private static void Tell(RunProgress progress, RowRule rule, RowOutlook outlook)
    {
        var (cutoff, preview) = (outlook.Cutoff, outlook.Preview);
        progress.Log($"Rows of {rule.Table} before {cutoff.At:yyyy-MM-dd HH:mm:ss} UTC: {Words.Count(preview.Going)} of {Words.Count(preview.Total)}.");
        if (cutoff.IsFromNewest)
        {
            progress.Log($"The newest row is of {cutoff.CountedFrom:yyyy-MM-dd HH:mm} UTC. The {Words.Count(rule.Days, "day")} are counted from it: either nobody writes to the table any more, or a clock is ahead.");
        }

        if (preview.Unreadable > 0)
        {
            progress.Log($"{Words.Count(preview.Unreadable, "row")} {(preview.Unreadable == 1 ? "has" : "have")} no time that can be read in {rule.Column} and {(preview.Unreadable == 1 ? "stays" : "stay")}.");
        }

        if (preview.Held > 0)
        {
            progress.Log($"{Words.Count(preview.Held, "row")} {(preview.Held == 1 ? "is" : "are")} old enough and {(preview.Held == 1 ? "stays" : "stay")}: others refer to {(preview.Held == 1 ? "it" : "them")}.");
        }
    }

    private async Task<RowRemoval> BeginAsync(Run run, RowRule rule, RowOutlook outlook, CancellationToken cancellationToken)
    {
        var removal = new RowRemoval
        {
            Id = run.Id,
            DatabaseId = rule.DatabaseId,
            Table = rule.Table,
            Cutoff = outlook.Cutoff.At,
            StartedAt = time.GetUtcNow(),
            Planned = outlook.Preview.Going,
            Total = outlook.Preview.Total,
            Unreadable = outlook.Preview.Unreadable,
            Archive = outlook.Selection.ArchiveTable,
        };
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        store.RowRemovals.Add(removal);
        await store.SaveChangesAsync(cancellationToken);
        return removal;
    }

    private async Task NoteAsync(RowRemoval removal)
    {
        await using var store = await stores.CreateDbContextAsync(CancellationToken.None);
        store.RowRemovals.Update(removal);
        await store.SaveChangesAsync(CancellationToken.None);
    }

    /// <summary>One run, with what it has done so far.</summary>
    private sealed class Work(IKeepsRows engine, RowArchives archives, TimeProvider time, Func<RowRemoval, Task> note, RunContext context, Database database, RowRule rule, RowOutlook outlook, RowRemoval removal)
    {
        private long _noted = time.GetTimestamp();

        public long Removed => removal.Removed;

        public async Task RunAsync(CancellationToken cancellationToken)
        {
            // A file that another run wrote and did not get through with comes first: its rows are not written a second time.
            foreach (var left in await archives.FindUnfinishedAsync(database, rule.Table, cancellationToken))
            {
                if (left.Oldest >= outlook.Cutoff.At)
                {
                    context.Progress.Log($"All rows in {left.FileName} of an earlier run are younger than the rule says now. They stay.");
                    continue;
                }

                context.Progress.Log($"Going on with {left.FileName} of an earlier run.");
                await RowArchives.DemandWholeAsync(left, context.Progress, cancellationToken);
                await RemoveArchivedAsync(left, cancellationToken);
            }

            if (outlook.Preview.Going > removal.Removed)
            {
                if (rule.Archive == ArchiveKind.File)
                {
                    await ArchiveAndRemoveAsync(cancellationToken);
                }
                else
                {
                    await RemoveAsync(outlook.Selection, rule.Archive == ArchiveKind.Table ? "Moving rows" : "Removing rows", Count, cancellationToken);
                }
            }

            await PurgeAsync(cancellationToken);
        }

        public async Task EndAsync(string? problem)
        {
            removal.EndedAt = time.GetUtcNow();
            removal.Problem = problem;
            await note(removal);
        }

        public RunOutcome Outcome()
        {
            var where = rule.Archive switch
            {
                _ when removal.Removed == 0 => "",
                ArchiveKind.File when removal.Archive is { } file => $" They are in {file}.",
                ArchiveKind.Table => $" They are in {rule.ArchiveTable}.",
                _ => "",
            };
            var purged = removal.Purged > 0 ? $" Purged {Words.Count(removal.Purged, "row")} of the archive." : "";
            var summary = $"Removed {Words.Count(removal.Removed)} of {Words.Count(removal.Total, "row")} of {rule.Table}, all before {removal.Cutoff:yyyy-MM-dd}.{where}{purged}";
            return removal.Held == 0
                ? RunOutcome.Succeeded(summary)
                : RunOutcome.WithWarnings(summary, $"{Words.Count(removal.Held, "row")} could not be removed: somebody refers to them, had them locked, or changed them meanwhile.", "The next run tries them again.");
        }

        private async Task ArchiveAndRemoveAsync(CancellationToken cancellationToken)
        {
            context.Progress.Phase("Writing the archive");
            RowArchive? archive;
            await using (var session = await engine.OpenRowsAsync(database.Location, outlook.Selection, cancellationToken))
            {
                var going = Math.Max(1, outlook.Preview.Going);
                archive = await archives.WriteAsync(database, rule.Table, session, context.Progress, rows => context.Progress.ReportShare((double)rows / going), cancellationToken);
            }

            if (archive is not null)
            {
                context.Progress.Log($"Wrote {Words.Count(archive.Rows, "row")} to {archive.FilePath}, {Words.Bytes(archive.SizeBytes)}, and read them back.");
                await RemoveArchivedAsync(archive, cancellationToken);
            }
        }

        private async Task RemoveArchivedAsync(RowArchive archive, CancellationToken cancellationToken)
        {
            context.Progress.Phase("Removing rows");
            removal.Archive = archive.FileName;
            var seen = 0L;
            await using (var session = await engine.OpenRowsAsync(database.Location, outlook.Selection with { ArchiveTable = null }, cancellationToken))
            {
                await foreach (var lines in RowArchives.ReadLinesAsync(archive, LinesAtATime, cancellationToken))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var batch = await session.RemoveWrittenAsync(lines, cancellationToken);
                    seen += lines.Count;
                    Count(batch);
                    context.Progress.ReportShare((double)seen / archive.Rows);
                    await RestAsync(batch, cancellationToken);
                }
            }

            // Rows that are younger than the rule says now have stayed. The file is worked off when they are old enough, and nothing writes them again.
            if (archive.Newest is null || archive.Newest < outlook.Cutoff.At)
            {
                await archives.FinishAsync(archive, CancellationToken.None);
            }
        }

        private async Task RemoveAsync(RowSelection selection, string phase, Action<RowBatch> count, CancellationToken cancellationToken)
        {
            context.Progress.Phase(phase);
            await using var session = await engine.OpenRowsAsync(database.Location, selection, cancellationToken);
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var batch = await session.RemoveNextAsync(cancellationToken);
                count(batch);
                context.Progress.ReportShare(batch.Done);
                if (batch.IsLast)
                {
                    return;
                }

                await RestAsync(batch, cancellationToken);
            }
        }

        private void Count(RowBatch batch)
        {
            removal.Removed += batch.Removed;
            removal.Held += batch.Held;
        }

        /// <summary>The second age. It is counted from the same moment as the first.</summary>
        private async Task PurgeAsync(CancellationToken cancellationToken)
        {
            if (rule.PurgeDays is not { } days)
            {
                return;
            }

            var before = outlook.Cutoff.At.AddDays(rule.Days - days);
            context.Progress.Phase("Purging the archive");
            removal.Purged += await archives.PurgeAsync(database, rule.Table, before, context.Progress, cancellationToken);
            if (rule is { Archive: ArchiveKind.Table, ArchiveTable: { } table })
            {
                var selection = outlook.Selection with
                {
                    Time = outlook.Selection.Time with { Table = engine.NameOfArchive(rule.Table, table), Offset = RowCutoff.OffsetAround(before, rule.Zone) },
                    Cutoff = before,
                    Condition = null,
                    LetsKeysAct = false,
                    ArchiveTable = null,
                };
                await RemoveAsync(selection, "Purging the archive", batch => removal.Purged += batch.Removed, cancellationToken);
            }
        }

        private async Task RestAsync(RowBatch batch, CancellationToken cancellationToken)
        {
            if (time.GetElapsedTime(_noted) >= BetweenNotes)
            {
                _noted = time.GetTimestamp();
                await note(removal);
            }

            if (batch.Removed > 0)
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }
}

using System.Diagnostics;
using Dashboard.Core.Access;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Dashboard.Core.Health;

/// <summary>Asks every check of a database, or of the installation, and keeps what they found.</summary>
internal sealed class RunHealth(IDbContextFactory<DashboardStore> stores, HealthCatalog catalog, IOptionsMonitor<DashboardOptions> options, TimeProvider time) : IJob
{
    public string Key => JobKeys.Health;

    public string Title => "Check the health of {0}";

    public bool Writes => false;

    public bool IsOneAtATime => true;

    public Verb Verb => Verb.CheckHealth;

    public async Task<RunOutcome> RunAsync(RunContext context, CancellationToken cancellationToken)
    {
        var subject = context.Run.Subject;
        var database = subject.Kind == SubjectKind.Database ? await FindRegistered.RunAsync(stores, subject.Id, cancellationToken) : null;
        var checks = await ChosenAsync(subject, database, cancellationToken);
        var before = await ReadBeforeAsync(subject, checks, cancellationToken);

        List<HealthRecord> records = [];
        var isOpen = true;
        foreach (var check in checks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            context.Progress.Phase($"{records.Count + 1} of {checks.Count}: {check.Description.Title}");
            var began = Stopwatch.GetTimestamp();
            var answer = check.Description.NeedsOpenDatabase && !isOpen
                ? HealthAnswer.Unknown("It was not asked, for the database can't be opened.", "Mend that first.")
                : await LookAsync(check, new HealthQuestion(database, check.Values, context.Progress), cancellationToken);
            isOpen &= check.Description.Key != Checks.OpensCheck.Key || answer.Verdict == HealthVerdict.Pass;
            var record = Record(context.Run, check, answer, before.GetValueOrDefault(check.Description.Key), records.Count, Stopwatch.GetElapsedTime(began));
            records.Add(record);
            Tell(context.Progress, record);
        }

        var sum = HealthSum.Of(records);
        await KeepAsync(context.Run, sum, records, checks, CancellationToken.None);
        return Outcome(sum, records);
    }

    public Task<RunOutcome> ReconcileAsync(RunContext context, CancellationToken cancellationToken) => Task.FromResult(
        RunOutcome.Interrupted("Stopped with the dashboard. Checks change nothing; what they had found was not kept.", "The dashboard was stopped while this ran.", "Run it again."));

    /// <summary>The last finding of each check, to see what changed. One look into the index each: a check of every ten minutes has fifty thousand findings a year.</summary>
    private async Task<Dictionary<string, HealthRecord>> ReadBeforeAsync(Subject subject, IReadOnlyList<ChosenCheck> checks, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        Dictionary<string, HealthRecord> before = [];
        foreach (var key in checks.Select(check => check.Description.Key))
        {
            var last = await store.HealthRecords.AsNoTracking()
                .Where(record => record.SubjectKind == subject.Kind && record.SubjectId == subject.Id && record.Check == key)
                .OrderByDescending(record => record.Quarter).ThenByDescending(record => record.At)
                .FirstOrDefaultAsync(cancellationToken);
            if (last is not null)
            {
                before[key] = last;
            }
        }

        return before;
    }

    private async Task<IReadOnlyList<ChosenCheck>> ChosenAsync(Subject subject, Database? database, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        return [.. (await catalog.ChosenAsync(store, subject, database, cancellationToken)).Where(check => check.IsAsked)];
    }

    /// <summary>Whatever goes wrong with one check is that check's finding, and keeps the others not.</summary>
    private async Task<HealthAnswer> LookAsync(ChosenCheck check, HealthQuestion question, CancellationToken cancellationToken)
    {
        using var patience = check.Description.Patience is { } limit ? new CancellationTokenSource(limit, time) : new CancellationTokenSource();
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        HealthAnswer answer;
        try
        {
            answer = await check.Check.LookAsync(question, both.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            answer = HealthAnswer.Unknown($"There was no answer within {Words.Duration(check.Description.Patience!.Value)}.", "Look whether something is overloaded or locked, then run it again.");
        }
        catch (DatabaseDamagedException damage)
        {
            answer = new HealthAnswer(HealthVerdict.Fail, damage.Message, damage.NextStep);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            var (problem, nextStep) = FaultWords.Of(fault);
            answer = HealthAnswer.Unknown(problem, nextStep);
        }

        return check.Tempered(answer, time.GetUtcNow());
    }

    private HealthRecord Record(Run run, ChosenCheck check, HealthAnswer answer, HealthRecord? before, int position, TimeSpan took)
    {
        var now = time.GetUtcNow();
        var isNew = before is null || before.Verdict != answer.Verdict;
        return new HealthRecord
        {
            Id = Guid.CreateVersion7(now),
            RunId = run.Id,
            SubjectKind = run.SubjectKind,
            SubjectId = run.SubjectId,
            Check = check.Description.Key,
            Title = check.Description.Title,
            At = now,
            Quarter = HealthRun.QuarterOf(now),
            Verdict = answer.Verdict,
            Before = isNew ? before?.Verdict : null,
            Since = isNew ? now : before!.Since,
            IsCritical = check.IsCritical,
            Evidence = answer.Evidence,
            NextStep = answer.NextStep,
            TookMilliseconds = (long)took.TotalMilliseconds,
            Position = position,
        };
    }

    private static void Tell(RunProgress progress, HealthRecord record)
    {
        var line = $"{record.Title}: {WordOf(record.Verdict)}. {EngineLines.Sentence(record.Evidence)}";
        progress.Log(line, record.Verdict switch
        {
            HealthVerdict.Fail => LineLevel.Error,
            HealthVerdict.Warn or HealthVerdict.Unknown => LineLevel.Warning,
            _ => LineLevel.Info,
        });
    }

    private async Task KeepAsync(Run run, HealthSum sum, List<HealthRecord> records, IReadOnlyList<ChosenCheck> checks, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var lasting = records.Zip(checks).Where(pair => !pair.Second.Description.IsSeenLive).Select(pair => pair.First).ToList();
        var lastingSum = HealthSum.Of(lasting);
        var worst = lasting.Where(record => record.Verdict >= HealthVerdict.Unknown).MaxBy(record => (record.Verdict == HealthVerdict.Fail && record.IsCritical, record.Verdict));
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        store.HealthRuns.Add(new HealthRun
        {
            RunId = run.Id,
            SubjectKind = run.SubjectKind,
            SubjectId = run.SubjectId,
            At = now,
            Quarter = HealthRun.QuarterOf(now),
            Verdict = sum.Verdict,
            LastingVerdict = lastingSum.Verdict,
            LastingFinding = worst is null ? null : $"{worst.Title}: {worst.Evidence}",
            Passed = sum.Passed,
            Total = sum.Total,
            CriticalPassed = sum.CriticalPassed,
            CriticalTotal = sum.CriticalTotal,
            Sentence = sum.Sentence,
        });
        store.HealthRecords.AddRange(records);
        await store.SaveChangesAsync(cancellationToken);

        var forgotten = now.AddDays(-options.CurrentValue.HealthDays);
        await store.HealthRuns.Where(row => row.SubjectKind == run.SubjectKind && row.SubjectId == run.SubjectId && row.At < forgotten).ExecuteDeleteAsync(cancellationToken);
    }

    private static RunOutcome Outcome(HealthSum sum, List<HealthRecord> records)
    {
        var worst = records.Where(record => record.Verdict >= HealthVerdict.Unknown).OrderByDescending(record => (record.Verdict == HealthVerdict.Fail && record.IsCritical, record.Verdict)).ToList();
        if (worst.Count == 0)
        {
            return RunOutcome.Succeeded(sum.Sentence);
        }

        var problem = EngineLines.Reword(worst[0].Evidence, sentence => $"{worst[0].Title}: {sentence}{(worst.Count > 1 ? $" And {Words.Count(worst.Count - 1)} more." : "")}");
        return sum.Verdict == HealthVerdict.Fail
            ? new RunOutcome(RunState.Failed, sum.Sentence, problem, worst[0].NextStep)
            : RunOutcome.WithWarnings(sum.Sentence, problem, worst[0].NextStep);
    }

    private static string WordOf(HealthVerdict verdict) => verdict switch
    {
        HealthVerdict.Pass => "passed",
        HealthVerdict.Expected => "down as expected",
        HealthVerdict.Warn => "warning",
        HealthVerdict.Fail => "failed",
        _ => "could not tell",
    };
}

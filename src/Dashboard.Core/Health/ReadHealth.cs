using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Schedules;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Health;

/// <summary>A check as the page shows it.</summary>
/// <param name="Last">What it found in the run that is shown; null when it was not asked then.</param>
/// <param name="Own">What a person wrote, where the check is one of those.</param>
public sealed record HealthLine(HealthDescription Check, HealthSetting? Setting, HealthRecord? Last, OwnCheck? Own)
{
    public HealthValues Values { get; } = new(Check.Fields, HealthValues.Read(Setting?.Values ?? ""));

    public bool IsOff => Setting?.IsOff == true;

    public bool IsCritical => Setting?.IsCritical ?? Check.IsCritical;
}

/// <summary>How the health of a subject stands now.</summary>
/// <param name="Last">Null when it was never looked at.</param>
/// <param name="DueBy">When another look was to have come; null where nothing was looked at.</param>
public sealed record HealthOverview(HealthRun? Last, IReadOnlyList<HealthLine> Lines, Schedule? Schedule, DateTimeOffset? DueBy)
{
    public bool IsStaleAt(DateTimeOffset now) => now > DueBy;
}

/// <summary>A run of the past with all that it found.</summary>
public sealed record HealthPast(HealthRun Run, IReadOnlyList<HealthRecord> Records);

/// <param name="All">Of the subject as a whole.</param>
/// <param name="ByCheck">By <see cref="HealthDescription.Key"/>; a check that was never asked in this time is not among them.</param>
public sealed record HealthStrips(IReadOnlyList<HealthDay> All, IReadOnlyDictionary<string, IReadOnlyList<HealthDay>> ByCheck);

/// <summary>What is known of a subject's health, for its status.</summary>
/// <param name="Finding">The worst of what still counts; null when nothing is wrong.</param>
/// <param name="Sentence">Empty where only what is seen live did not pass: that may be cured since.</param>
/// <param name="DueBy">When another look was to have come.</param>
/// <param name="IsScheduled">Whether a schedule promised it.</param>
public sealed record HealthStanding(HealthVerdict Verdict, string? Finding, string Sentence, DateTimeOffset At, DateTimeOffset DueBy, bool IsScheduled);

/// <summary>How a subject's health is, was, and what changed.</summary>
public sealed class ReadHealth(IDbContextFactory<DashboardStore> stores, HealthCatalog catalog, TimeProvider time)
{
    /// <summary>A look takes its time, and a dashboard that was stopped catches up within minutes.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    /// <summary>Without a schedule nobody promised another look; after a week the answer is too old to be called one.</summary>
    private static readonly TimeSpan UnscheduledGoal = TimeSpan.FromDays(7);

    /// <param name="database">Null for the installation.</param>
    public async Task<HealthOverview> ReadAsync(Actor actor, Database? database, CancellationToken cancellationToken)
    {
        var subject = Demand(actor, database);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var checks = await catalog.ChosenAsync(store, subject, database, cancellationToken);
        var last = await Runs(store, subject).OrderByDescending(run => run.At).FirstOrDefaultAsync(cancellationToken);
        var records = last is null ? [] : await store.HealthRecords.AsNoTracking().Where(record => record.RunId == last.RunId).ToDictionaryAsync(record => record.Check, cancellationToken);
        if (last is not null)
        {
            records = await AskAnewAsync(database, checks, records, cancellationToken);
            last = last.WithSum(HealthSum.Of([.. records.Values]));
        }

        var schedule = await store.Schedules.AsNoTracking().FirstOrDefaultAsync(row => row.SubjectKind == subject.Kind && row.SubjectId == subject.Id && row.Job == JobKeys.Health, cancellationToken);
        return new HealthOverview(
            last,
            [.. checks.Select(check => new HealthLine(check.Description, check.Setting, records.GetValueOrDefault(check.Description.Key), check.Own))],
            schedule,
            last is null ? null : DueBy(last.At, schedule));
    }

    /// <summary>What costs nothing to ask is asked again: what it found in the last run may be cured, or be wrong since.</summary>
    private async Task<Dictionary<string, HealthRecord>> AskAnewAsync(Database? database, IReadOnlyList<ChosenCheck> checks, Dictionary<string, HealthRecord> records, CancellationToken cancellationToken)
    {
        var now = new Dictionary<string, HealthRecord>(records);
        foreach (var check in checks.Where(check => check.Description.IsAskedAnew && check.IsAsked))
        {
            if (records.GetValueOrDefault(check.Description.Key) is { } record)
            {
                var answer = await check.Check.LookAsync(new HealthQuestion(database, check.Values, RunProgress.None), cancellationToken);
                now[record.Check] = record.AskedAgain(check.Tempered(answer, time.GetUtcNow()), time.GetUtcNow());
            }
        }

        return now;
    }

    /// <summary>The worst run of a day, or that in which one check was worst; null when nothing was looked at. Of equals the last.</summary>
    public async Task<HealthPast?> FindDayAsync(Actor actor, Database? database, DateOnly day, TimeZoneInfo zone, string? check, CancellationToken cancellationToken)
    {
        var subject = Demand(actor, database);
        var (from, to) = HealthStrip.SpanOf(day, zone);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var runs = Runs(store, subject).Where(run => run.At >= from && run.At < to);
        var found = check is null
            ? await runs.OrderByDescending(run => run.Verdict).ThenByDescending(run => run.At).FirstOrDefaultAsync(cancellationToken)
            : await (from run in runs
                     join record in store.HealthRecords on run.RunId equals record.RunId
                     where record.Check == check
                     orderby record.Verdict descending, run.At descending
                     select run).FirstOrDefaultAsync(cancellationToken);
        return found is null
            ? null
            : new HealthPast(found, await store.HealthRecords.AsNoTracking().Where(record => record.RunId == found.RunId).OrderBy(record => record.Position).ToListAsync(cancellationToken));
    }

    /// <summary>The last days up to today, as days are in a zone.</summary>
    public async Task<HealthStrips> ReadStripsAsync(Actor actor, Database? database, int days, TimeZoneInfo zone, CancellationToken cancellationToken)
    {
        var subject = Demand(actor, database);
        var today = HealthStrip.DayOf(time.GetUtcNow(), zone);
        var from = HealthStrip.SpanOf(today.AddDays(1 - days), zone).From;
        var since = HealthRun.QuarterOf(from);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);

        // Counted by the store: a check of every ten minutes has thirteen thousand findings in ninety days.
        var all = await Runs(store, subject).Where(run => run.At >= from)
            .GroupBy(run => new { run.Quarter, run.Verdict })
            .Select(runs => new HealthMark(runs.Key.Quarter, runs.Key.Verdict, runs.Count()))
            .ToListAsync(cancellationToken);
        var byCheck = await store.HealthRecords.AsNoTracking()
            .Where(record => record.SubjectKind == subject.Kind && record.SubjectId == subject.Id && record.Quarter >= since)
            .GroupBy(record => new { record.Check, record.Quarter, record.Verdict })
            .Select(records => new { records.Key.Check, records.Key.Quarter, records.Key.Verdict, Count = records.Count() })
            .ToListAsync(cancellationToken);
        return new HealthStrips(
            HealthStrip.Roll(all, today, days, zone),
            byCheck.GroupBy(mark => mark.Check).ToDictionary(
                marks => marks.Key,
                marks => HealthStrip.Roll(marks.Select(mark => new HealthMark(mark.Quarter, mark.Verdict, mark.Count)), today, days, zone)));
    }

    /// <summary>What changed, newest first.</summary>
    public async Task<IReadOnlyList<HealthRecord>> ListChangesAsync(Actor actor, Database? database, int days, int take, CancellationToken cancellationToken)
    {
        var subject = Demand(actor, database);
        var since = time.GetUtcNow().AddDays(-days);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        return await store.HealthRecords.AsNoTracking()
            .Where(record => record.SubjectKind == subject.Kind && record.SubjectId == subject.Id && record.At >= since && record.Before != null)
            .OrderByDescending(record => record.At).ThenBy(record => record.Position)
            .Take(take)
            .ToListAsync(cancellationToken);
    }

    /// <summary>How each of these databases stands; one that was never looked at is not among them.</summary>
    internal static async Task<Dictionary<Guid, HealthStanding>> StandingsAsync(DashboardStore store, IQueryable<Database> databases, CancellationToken cancellationToken)
    {
        // Only the newest of each: a year of all is more than any page wants to read.
        var newest = await databases
            .Select(database => store.HealthRuns.Where(run => run.SubjectKind == SubjectKind.Database && run.SubjectId == database.Id).OrderByDescending(run => run.At).Select(run => (Guid?)run.RunId).FirstOrDefault())
            .Where(run => run != null)
            .ToListAsync(cancellationToken);
        var ids = newest.Select(run => run!.Value).ToList();
        var last = await store.HealthRuns.AsNoTracking().Where(run => ids.Contains(run.RunId)).ToListAsync(cancellationToken);
        var schedules = await store.Schedules.AsNoTracking()
            .Where(schedule => schedule.SubjectKind == SubjectKind.Database && schedule.Job == JobKeys.Health && schedule.IsOn)
            .ToDictionaryAsync(schedule => schedule.SubjectId, cancellationToken);
        return last.ToDictionary(run => run.SubjectId, run => Standing(run, schedules.GetValueOrDefault(run.SubjectId)));
    }

    private static HealthStanding Standing(HealthRun run, Schedule? schedule) =>
        new(run.LastingVerdict, run.LastingFinding, run is { LastingVerdict: HealthVerdict.Pass, Verdict: not HealthVerdict.Pass } ? "" : run.Sentence, run.At, DueBy(run.At, schedule), schedule is not null);

    private static DateTimeOffset DueBy(DateTimeOffset last, Schedule? schedule)
    {
        if (schedule is not { IsOn: true })
        {
            return last + UnscheduledGoal;
        }

        try
        {
            return NextOccurrence.After(schedule.Cron, schedule.Zone, last) + Grace;
        }
        catch (FormatException)
        {
            // A zone that this machine no longer knows: nothing comes by itself any more.
            return last + Grace;
        }
    }

    private static Subject Demand(Actor actor, Database? database)
    {
        var subject = database?.Subject ?? Subject.Installation;
        Permit.Demand(actor, Verb.SeeHealth, subject);
        return subject;
    }

    private static IQueryable<HealthRun> Runs(DashboardStore store, Subject subject) =>
        store.HealthRuns.AsNoTracking().Where(run => run.SubjectKind == subject.Kind && run.SubjectId == subject.Id);
}

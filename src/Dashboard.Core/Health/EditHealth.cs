using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Health;

/// <summary>How a person wants a check to be.</summary>
/// <param name="IsCritical">Null: as the check says itself.</param>
/// <param name="ExpectedUntil">When it is to be up again; null for until somebody says so.</param>
/// <param name="Values">By <see cref="HealthField.Key"/>, as typed; a field that is left out keeps its default.</param>
public sealed record HealthChoice(bool IsOff, bool? IsCritical, bool IsExpectedDown, DateTimeOffset? ExpectedUntil, string? ExpectedWhy, IReadOnlyDictionary<string, string> Values);

/// <summary>Changes how checks are done, and which there are.</summary>
public sealed class EditHealth(IDbContextFactory<DashboardStore> stores, EngineCatalog engines, HealthCatalog catalog, JobFeed feed, TimeProvider time)
{
    private const int MostOwn = 100;
    private const int MostTitle = 120;
    private const int MostQuestion = 10_000;
    private const int MostWhy = 200;

    /// <param name="database">Null for the installation.</param>
    /// <exception cref="DatabaseException">When a value can't be taken; nothing is changed then.</exception>
    public async Task SetAsync(Actor actor, Database? database, string check, HealthChoice choice, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(choice);
        var subject = Demand(actor, database);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var fields = (await catalog.ChosenAsync(store, subject, database, cancellationToken)).FirstOrDefault(chosen => chosen.Description.Key == check)?.Description.Fields
            ?? throw new DatabaseException("There is no such check any more.", "Load the page again.");
        var values = Read(fields, choice.Values);
        if (choice.IsExpectedDown && choice.ExpectedUntil <= time.GetUtcNow())
        {
            throw new DatabaseException("The end of “expected to be down” has passed already.", "Choose a later day, or none.");
        }

        if (choice.ExpectedWhy?.Trim().Length > MostWhy)
        {
            throw new DatabaseException($"The reason is longer than {MostWhy} characters.", "Make it shorter.");
        }

        var setting = await store.HealthSettings.FirstOrDefaultAsync(row => row.SubjectKind == subject.Kind && row.SubjectId == subject.Id && row.Check == check, cancellationToken);
        if (setting is null)
        {
            setting = new HealthSetting { Id = Guid.CreateVersion7(time.GetUtcNow()), SubjectKind = subject.Kind, SubjectId = subject.Id, Check = check };
            store.HealthSettings.Add(setting);
        }

        setting.IsOff = choice.IsOff;
        setting.IsCritical = choice.IsCritical;
        setting.IsExpectedDown = choice.IsExpectedDown;
        setting.ExpectedUntil = choice.IsExpectedDown ? choice.ExpectedUntil : null;
        setting.ExpectedWhy = choice.IsExpectedDown && !string.IsNullOrWhiteSpace(choice.ExpectedWhy) ? choice.ExpectedWhy.Trim() : null;
        setting.Values = HealthValues.Write(values);
        await store.SaveChangesAsync(cancellationToken);
        feed.Changed();
    }

    /// <summary>Adds a check of somebody's own, or changes the one of this id.</summary>
    /// <exception cref="DatabaseException">When something of it can't be taken; nothing is changed then.</exception>
    public async Task SaveOwnAsync(Actor actor, Database? database, OwnCheck check, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(check);
        var subject = Demand(actor, database);
        Check(check, database);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var known = await FindOwnAsync(store, subject, check.Id, cancellationToken);
        if (known is null)
        {
            if (await store.OwnChecks.CountAsync(row => row.SubjectKind == subject.Kind && row.SubjectId == subject.Id, cancellationToken) >= MostOwn)
            {
                throw new DatabaseException($"There are {MostOwn} checks of your own already.", "Remove one first.");
            }

            known = new OwnCheck { Id = check.Id, SubjectKind = subject.Kind, SubjectId = subject.Id, Kind = check.Kind, Title = check.Title, Question = check.Question };
            store.OwnChecks.Add(known);
        }

        known.Kind = check.Kind;
        known.Title = check.Title.Trim();
        known.Question = check.Question.Trim();
        (known.Low, known.High) = check.Kind == OwnCheckKind.Number ? (check.Low, check.High) : (null, null);
        known.Status = check.Status;
        known.Text = check.Text;
        known.SlowMilliseconds = check.SlowMilliseconds;
        known.TimeoutSeconds = check.TimeoutSeconds;
        known.IsCritical = check.IsCritical;
        await store.SaveChangesAsync(cancellationToken);
        feed.Changed();
    }

    /// <summary>What it found so far stays in the history.</summary>
    public async Task RemoveOwnAsync(Actor actor, Database? database, Guid id, CancellationToken cancellationToken)
    {
        var subject = Demand(actor, database);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        if (await FindOwnAsync(store, subject, id, cancellationToken) is { } known)
        {
            store.OwnChecks.Remove(known);
            var key = known.Key;
            store.HealthSettings.RemoveRange(await store.HealthSettings.Where(row => row.SubjectKind == subject.Kind && row.SubjectId == subject.Id && row.Check == key).ToListAsync(cancellationToken));
            await store.SaveChangesAsync(cancellationToken);
            feed.Changed();
        }
    }

    /// <summary>Asks it once and keeps nothing.</summary>
    /// <exception cref="DatabaseException">When something of it can't be taken, or the database can't be asked.</exception>
    public async Task<HealthAnswer> TryOwnAsync(Actor actor, Database? database, OwnCheck check, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(check);
        Demand(actor, database);
        Check(check, database);
        return await catalog.Make(check).LookAsync(new HealthQuestion(database, HealthValues.Defaults([]), RunProgress.None), cancellationToken);
    }

    /// <summary>Only what differs from the defaults is kept, so that a better default reaches whoever did not choose.</summary>
    private static Dictionary<string, string> Read(IReadOnlyList<HealthField> fields, IReadOnlyDictionary<string, string> given)
    {
        Dictionary<string, string> values = [];
        foreach (var field in fields)
        {
            if (!given.TryGetValue(field.Key, out var value) || value.Trim() == field.Default)
            {
                continue;
            }

            values[field.Key] = field.FindFault(value) is { } fault ? throw new DatabaseException(fault, "Correct it; nothing was changed.") : value.Trim();
        }

        return values;
    }

    private void Check(OwnCheck check, Database? database)
    {
        Expect(check.Title.Trim().Length is > 0 and <= MostTitle && !check.Title.Any(char.IsControl), $"The name must have 1 to {MostTitle} characters.");
        Expect(check.Question.Trim().Length is > 0 and <= MostQuestion, check.Kind == OwnCheckKind.Service ? "The address is empty, or far too long." : $"The question must have 1 to {Words.Count(MostQuestion)} characters.");
        Expect(check.TimeoutSeconds is >= 1 and <= 600, "The timeout must be from 1 to 600 seconds.");
        if (check.Kind == OwnCheckKind.Service)
        {
            Expect(Uri.TryCreate(check.Question.Trim(), UriKind.Absolute, out var address) && address.Scheme is "http" or "https", "The address must begin with http:// or https://.");
            Expect(address!.UserInfo.Length == 0, "The address holds a user or a password, and would be shown with it.");
            Expect(check.Status is >= 100 and <= 599, "The status must be from 100 to 599.");
            Expect(check.SlowMilliseconds is >= 1 and <= 600_000, "The time of the answer must be from 1 to 600,000 ms.");
            return;
        }

        Expect(database is not null && engines.For(database) is IHealthChecked, "Only a database can be asked by SQL.");
        Expect(check.Kind != OwnCheckKind.Number || check.Low is not null || check.High is not null, "Give the lowest or the highest number that is right.");
        Expect(!(check.Low > check.High), "The lowest number that is right is above the highest.");
    }

    private static void Expect(bool holds, string fault)
    {
        if (!holds)
        {
            throw new DatabaseException(fault, "Correct it; nothing was changed.");
        }
    }

    private static Task<OwnCheck?> FindOwnAsync(DashboardStore store, Subject subject, Guid id, CancellationToken cancellationToken) =>
        store.OwnChecks.FirstOrDefaultAsync(row => row.Id == id && row.SubjectKind == subject.Kind && row.SubjectId == subject.Id, cancellationToken);

    private static Subject Demand(Actor actor, Database? database)
    {
        var subject = database?.Subject ?? Subject.Installation;
        Permit.Demand(actor, Verb.EditHealth, subject);
        return subject;
    }
}

using Dashboard.Core.Databases;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Health;

/// <summary>A check of one subject, as somebody wants it to be.</summary>
/// <param name="Setting">Null where nobody has said anything.</param>
/// <param name="Own">What a person wrote, where the check is one of those.</param>
internal sealed record ChosenCheck(IHealthCheck Check, HealthSetting? Setting, OwnCheck? Own)
{
    public HealthDescription Description => Check.Description;

    public HealthValues Values { get; } = new(Check.Description.Fields, HealthValues.Read(Setting?.Values ?? ""));

    public bool IsCritical => Setting?.IsCritical ?? Description.IsCritical;

    public bool IsAsked => Setting?.IsOff != true && Values.IsSetUp;

    /// <summary>What somebody said beforehand would not pass counts against nothing.</summary>
    public HealthAnswer Tempered(HealthAnswer answer, DateTimeOffset now) =>
        answer.Verdict != HealthVerdict.Pass && Setting?.IsExpectedAt(now) == true ? answer with { Verdict = HealthVerdict.Expected } : answer;
}

/// <summary>Every check of a subject, in the order of the page: that it opens, what its engine looks at, what is true of every database, and a person's own.</summary>
public sealed class HealthCatalog(EngineCatalog engines, IEnumerable<IDatabaseHealthCheck> ofDatabases, IEnumerable<IInstallationHealthCheck> ofInstallation, AskService services)
{
    private readonly IReadOnlyList<IDatabaseHealthCheck> _ofDatabases = [.. ofDatabases];
    private readonly IReadOnlyList<IInstallationHealthCheck> _ofInstallation = [.. ofInstallation];

    /// <param name="database">Null for the installation.</param>
    public IEnumerable<IHealthCheck> Of(Database? database)
    {
        if (database is null)
        {
            return _ofInstallation;
        }

        var ofEngine = (engines.For(database) as IHealthChecked)?.HealthChecks ?? [];
        return [.. _ofDatabases.Take(1), .. ofEngine, .. _ofDatabases.Skip(1)];
    }

    internal async Task<IReadOnlyList<ChosenCheck>> ChosenAsync(DashboardStore store, Subject subject, Database? database, CancellationToken cancellationToken)
    {
        var settings = await store.HealthSettings.AsNoTracking()
            .Where(setting => setting.SubjectKind == subject.Kind && setting.SubjectId == subject.Id)
            .ToDictionaryAsync(setting => setting.Check, cancellationToken);
        var own = await store.OwnChecks.AsNoTracking()
            .Where(check => check.SubjectKind == subject.Kind && check.SubjectId == subject.Id)
            .OrderBy(check => check.Title).ThenBy(check => check.Id)
            .ToListAsync(cancellationToken);
        return
        [
            .. Of(database).Select(check => new ChosenCheck(check, settings.GetValueOrDefault(check.Description.Key), null)),
            .. own.Select(check => new ChosenCheck(Make(check), settings.GetValueOrDefault(check.Key), check)),
        ];
    }

    internal IHealthCheck Make(OwnCheck check) => new OwnHealthCheck(check, engines, services);
}

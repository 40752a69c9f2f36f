using Dashboard.Core.Databases;

namespace Dashboard.Core.Access;

/// <summary>What can be asked for. A verb that is in no list of <see cref="Permit"/> is denied to everybody.</summary>
public enum Verb
{
    SeeDatabases,
    AddDatabase,
    EditDatabase,
    RemoveDatabase,
    SeeBackups,
    TakeBackup,
    CheckBackup,
    DownloadBackup,
    DeleteBackup,
    PurgeBackup,
    DropKept,
    RestoreBackup,
    RestoreAsCopy,
    RestoreForeign,
    UndoRestore,
    SeeRuns,
    CancelRun,
    EditSchedule,
    EditSettings,
    ChangeSample,
    SeeMetrics,
    CollectMetrics,
    Maintain,
    SeeHealth,
    CheckHealth,
    EditHealth,
    EditRowRule,
    RemoveRows,
    DownloadRows,
    RemoveOrphans,
    ChangeIndexes,
}

/// <summary>
/// The one place that says who may do what: default deny, asked first by every verb.
/// Until there is sign-in the local administrator is the only person, and may do all of it.
/// </summary>
public static class Permit
{
    private static readonly HashSet<Verb> Administrator = [.. Enum.GetValues<Verb>()];

    private static readonly HashSet<Verb> Clock = [Verb.TakeBackup, Verb.Maintain, Verb.CheckHealth, Verb.RemoveRows];

    private static readonly HashSet<Verb> System = [Verb.TakeBackup, Verb.AddDatabase, Verb.PurgeBackup, Verb.DropKept, Verb.EditSchedule, Verb.ChangeSample, Verb.CollectMetrics];

    /// <summary>Returns when <paramref name="actor"/> may do <paramref name="verb"/> to <paramref name="subject"/>.</summary>
    /// <exception cref="PermissionDeniedException">When not.</exception>
    public static void Demand(Actor actor, Verb verb, Subject subject)
    {
        ArgumentNullException.ThrowIfNull(actor);

        var allowed = actor.Kind switch
        {
            ActorKind.Person => actor == Actor.LocalAdministrator && Administrator.Contains(verb),
            ActorKind.Schedule => Clock.Contains(verb),
            ActorKind.System => System.Contains(verb),
            _ => false,
        };

        if (!allowed)
        {
            throw new PermissionDeniedException(actor, verb, subject);
        }
    }
}

public sealed class PermissionDeniedException(Actor actor, Verb verb, Subject subject)
    : Exception($"{actor.Name} may not do this ({verb} on {subject}). Ask an administrator.");

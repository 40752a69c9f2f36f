namespace Dashboard.Core.Access;

/// <summary>Who asks. Every verb takes one; it is written beside each run and each backup.</summary>
/// <param name="Name">Shown to people and stored, so a name and never a secret.</param>
public sealed record Actor(string Name, ActorKind Kind)
{
    /// <summary>The person at this machine, until there is sign-in.</summary>
    public static Actor LocalAdministrator { get; } = new("Local administrator", ActorKind.Person);

    /// <summary>The clock: what a schedule asks for.</summary>
    public static Actor Schedule { get; } = new("Schedule", ActorKind.Schedule);

    /// <summary>The product itself: the first backup of its own store, clearing expired backups.</summary>
    public static Actor Dashboard { get; } = new("Dashboard", ActorKind.System);
}

public enum ActorKind
{
    Person,
    Schedule,
    System,
}

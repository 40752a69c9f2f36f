namespace Dashboard.Core.Databases;

/// <summary>What a run, a schedule or a finding is about. Never only a database: a host or a folder can be one later.</summary>
public readonly record struct Subject(SubjectKind Kind, Guid Id)
{
    public static Subject Installation { get; } = new(SubjectKind.Installation, Guid.Empty);

    public static Subject Database(Guid id) => new(SubjectKind.Database, id);

    public override string ToString() => Kind == SubjectKind.Installation ? "this installation" : $"{Kind} {Id:N}";
}

public enum SubjectKind
{
    Installation,
    Database,
}

using Dashboard.Core.Databases.Indexes;

namespace Dashboard.Core.Databases;

/// <summary>One table as it is defined.</summary>
/// <param name="Definition">The statement that makes it, as its author wrote it or as the engine tells it.</param>
/// <param name="ForeignKeys">Those that it has, not those that point to it.</param>
/// <param name="Triggers">Names, in their order.</param>
public sealed record TableDetails(
    DateTimeOffset ReadAt,
    TableFacts Facts,
    IReadOnlyList<ColumnFacts> Columns,
    IReadOnlyList<IndexFacts> Indexes,
    IReadOnlyList<ForeignKeyFacts> ForeignKeys,
    IReadOnlyList<string> Triggers,
    string Definition)
{
    /// <summary>The column by which the table itself is ordered, so that it needs no index; null when there is none.</summary>
    public string? RowKey { get; init; }
}

/// <param name="DeclaredType">As it was written; empty where there is none.</param>
/// <param name="Default">The expression, as it was written.</param>
/// <param name="KeyPosition">From 1, in the primary key; null outside of it.</param>
/// <param name="References">"contracts.id"; null when it points nowhere.</param>
public sealed record ColumnFacts(string Name, string DeclaredType, bool IsNotNull, string? Default, int? KeyPosition, ColumnKind Kind, string? References);

public enum ColumnKind
{
    Ordinary,

    /// <summary>Computed whenever it is read.</summary>
    GeneratedVirtual,

    /// <summary>Computed when the row is written.</summary>
    GeneratedStored,

    /// <summary>Not in <c>SELECT *</c>.</summary>
    Hidden,
}

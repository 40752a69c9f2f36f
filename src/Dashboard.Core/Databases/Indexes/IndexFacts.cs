namespace Dashboard.Core.Databases.Indexes;

/// <summary>The indexes of one database at one moment, and what is needed to say what each is for.</summary>
public sealed record IndexList(DateTimeOffset ReadAt, IReadOnlyList<IndexFacts> Indexes, IReadOnlyList<ForeignKeyFacts> ForeignKeys)
{
    /// <summary>By table, the column by which the table itself is ordered: looking up by it needs no index.</summary>
    public IReadOnlyDictionary<string, string> RowKeys { get; init; } = new Dictionary<string, string>();

    /// <summary>Of the whole database.</summary>
    public long TotalBytes { get; init; }

    /// <summary>When the engine began to count <see cref="IndexFacts.Uses"/>; null where it does not say.</summary>
    public DateTimeOffset? StatisticsSince { get; init; }
}

/// <summary>One index, in words that every engine has.</summary>
/// <param name="Columns">In their order.</param>
/// <param name="Where">The condition of a partial index, as it was written; null for a whole one.</param>
/// <param name="Bytes">Null when it could not be had, and when the index is the table itself.</param>
/// <param name="RowsPerValue">Mean rows that share all its columns, from the engine's statistics; null when there are none.</param>
/// <param name="Definition">The statement that makes it; null when it came with its table.</param>
public sealed record IndexFacts(
    string Name,
    string Table,
    IReadOnlyList<IndexColumn> Columns,
    bool IsUnique,
    string? Where,
    IndexOrigin Origin,
    Measure? Bytes,
    double? RowsPerValue,
    string? Definition)
{
    /// <summary>The rows of the table are stored in it, so it takes no room of its own.</summary>
    public bool IsTableItself { get; init; }

    /// <summary>Scans by this server since <see cref="IndexList.StatisticsSince"/>; null when it does not count them. Another server that follows it counts its own.</summary>
    public long? Uses { get; init; }

    /// <summary>Null when it is not known, or when it was never used.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>Left by a creation that failed: every write keeps it, and no query uses it.</summary>
    public bool IsInvalid { get; init; }

    /// <summary>Something else stands on it, such as a foreign key: it can't go by itself.</summary>
    public bool IsBound { get; init; }

    /// <summary>"gin", where it is not the usual kind: one of another kind can't do its work.</summary>
    public string? Kind { get; init; }

    /// <summary>Columns that are stored with it and that it is not ordered by.</summary>
    public IReadOnlyList<string> Included { get; init; } = [];

    /// <summary>As SQL names it, where its name in quotes does not do.</summary>
    public string? SqlName { get; init; }

    public bool IsPartial => Where is not null;

    public bool HasExpression => Columns.Any(column => column.Expression is not null);
}

/// <param name="Name">Of the column; null for an expression.</param>
/// <param name="Expression">"lower(email)"; null for a column.</param>
/// <param name="Collation">Null for the usual one.</param>
/// <param name="DeclaredType">Of the column; empty where there is none.</param>
public sealed record IndexColumn(string? Name, string? Expression, bool IsDescending = false, string? Collation = null, string DeclaredType = "")
{
    /// <summary>"placed_at", "lower(email)".</summary>
    public string Title => Name ?? Expression ?? "";

    /// <summary>How it compares, where that is not the usual way: "text_pattern_ops".</summary>
    public string? Operators { get; init; }

    /// <summary>Rows without a value stand at the other end than usual.</summary>
    public bool IsNullsMoved { get; init; }

    /// <summary>"placed_at DESC", "name COLLATE NOCASE".</summary>
    public string Text => Title
        + (Collation is null ? "" : $" COLLATE {Collation}")
        + (Operators is null ? "" : $" {Operators}")
        + (IsDescending ? " DESC" : "")
        + (IsNullsMoved ? IsDescending ? " NULLS LAST" : " NULLS FIRST" : "");
}

public enum IndexOrigin
{
    ByHand,
    ExclusionConstraint,
    UniqueConstraint,
    PrimaryKey,
}

/// <summary>Columns that point to a row of another table, or of the same one.</summary>
/// <param name="ParentColumns">Empty when they are the parent's primary key and were not written.</param>
public sealed record ForeignKeyFacts(string Table, IReadOnlyList<string> Columns, string Parent, IReadOnlyList<string> ParentColumns)
{
    /// <summary>The table as SQL names it, where its name in quotes does not do.</summary>
    public string? SqlTable { get; init; }
}

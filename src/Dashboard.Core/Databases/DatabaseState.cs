namespace Dashboard.Core.Databases;

/// <summary>The numbers of one database at one moment.</summary>
/// <param name="ReadAt">When they were read, UTC.</param>
/// <param name="SizeBytes">All that it takes on disk.</param>
/// <param name="EngineVersion">Version of the engine that read it: "SQLite 3.53.3".</param>
/// <param name="Facts">The other numbers, in the order of the page.</param>
public sealed record DatabaseState(DateTimeOffset ReadAt, long SizeBytes, string EngineVersion, IReadOnlyList<StateFact> Facts);

/// <summary>One number or word of the overview.</summary>
/// <param name="Key">Stable: "wal", "free".</param>
/// <param name="Label">"Write-ahead log".</param>
/// <param name="Number">For <see cref="FactKind.Bytes"/> and <see cref="FactKind.Count"/>.</param>
/// <param name="Text">For <see cref="FactKind.Text"/>.</param>
/// <param name="Note">What it means, below the value: "12 % of the file, reused before the file grows".</param>
public sealed record StateFact(string Key, string Label, FactKind Kind, long? Number, string? Text, string? Note = null)
{
    public static StateFact Bytes(string key, string label, long bytes, string? note = null) => new(key, label, FactKind.Bytes, bytes, null, note);

    public static StateFact Count(string key, string label, long count, string? note = null) => new(key, label, FactKind.Count, count, null, note);

    public static StateFact Words(string key, string label, string text, string? note = null) => new(key, label, FactKind.Text, null, text, note);
}

public enum FactKind
{
    Bytes,
    Count,
    Text,
}

/// <summary>Rows of one table.</summary>
public sealed record TableRows(string Table, long Rows);

/// <summary>Row counts of one consistent moment; tables that the budget did not reach are left out.</summary>
public sealed record RowCounts(IReadOnlyList<TableRows> Tables, bool IsComplete)
{
    public long Total => Tables.Sum(table => table.Rows);
}

/// <summary>Another process that has a database open.</summary>
public sealed record DatabaseUser(int ProcessId, string Name);

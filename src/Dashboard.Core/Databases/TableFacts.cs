namespace Dashboard.Core.Databases;

/// <summary>A number of a table that may be an estimate and may be old; a page marks both.</summary>
/// <param name="At">The moment that it was true, UTC.</param>
public sealed record Measure(long Value, bool IsExact, DateTimeOffset At);

/// <summary>The tables of one database at one moment.</summary>
public sealed record TableList(DateTimeOffset ReadAt, IReadOnlyList<TableFacts> Tables);

/// <summary>One table. A number that could not be had is null, never zero.</summary>
/// <param name="DataBytes">Of its rows on disk.</param>
/// <param name="IndexBytes">Of all its indexes.</param>
public sealed record TableFacts(string Name, Measure? Rows, Measure? DataBytes, Measure? IndexBytes);

using System.Collections.Concurrent;
using Dashboard.Core.Databases.Indexes;

namespace Dashboard.Core.Databases;

/// <summary>When the number of rows of a table was seen to be another.</summary>
/// <param name="SeenAt">The reading that differed.</param>
/// <param name="Since">The reading before it: the change lies between the two.</param>
public sealed record RowsChange(DateTimeOffset SeenAt, DateTimeOffset Since);

/// <summary>What readings of a table have left behind, for as long as the dashboard runs.</summary>
/// <param name="Counted">What somebody had counted on demand.</param>
public sealed record TableMemory(RowsChange? Change, Measure? Counted)
{
    public static TableMemory None { get; } = new(null, null);
}

/// <summary>The tables of databases, and what can be known only by looking twice.</summary>
public sealed class LiveTables(EngineCatalog engines, TimeProvider time) : LiveFacts<TableList>(engines, time)
{
    /// <summary>Of processor time, every two seconds while a busy database is looked at. Millions of rows are counted in it.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<(Guid Database, string Table), TableMemory> _memory = new();

    public TableMemory Of(Guid databaseId, string table) => _memory.GetValueOrDefault((databaseId, table), TableMemory.None);

    internal void Remember(Guid databaseId, string table, Measure counted) =>
        _memory.AddOrUpdate((databaseId, table), _ => new TableMemory(null, counted), (_, known) => known with { Counted = counted });

    protected override Task<TableList> ReadAsync(IDatabaseEngine engine, string location, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(engine);
        return engine.ReadTablesAsync(location, Budget, cancellationToken);
    }

    /// <summary>Only two exact counts that differ prove a change; rows that were changed in place are not seen.</summary>
    protected override void Took(Database database, TableList? before, TableList now)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(now);
        if (before is null)
        {
            return;
        }

        var rows = before.Tables.ToDictionary(table => table.Name, table => table.Rows, StringComparer.Ordinal);
        foreach (var table in now.Tables)
        {
            var isNew = !rows.TryGetValue(table.Name, out var earlier);
            if (isNew || (earlier is { IsExact: true } && table.Rows is { IsExact: true } && earlier.Value != table.Rows.Value))
            {
                var change = new RowsChange(now.ReadAt, before.ReadAt);
                _memory.AddOrUpdate((database.Id, table.Name), _ => new TableMemory(change, null), (_, known) => known with { Change = change });
            }
        }
    }
}

/// <summary>The indexes of databases.</summary>
public sealed class LiveIndexes(EngineCatalog engines, TimeProvider time) : LiveFacts<IndexList>(engines, time)
{
    protected override Task<IndexList> ReadAsync(IDatabaseEngine engine, string location, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(engine);
        return engine.ReadIndexesAsync(location, cancellationToken);
    }
}

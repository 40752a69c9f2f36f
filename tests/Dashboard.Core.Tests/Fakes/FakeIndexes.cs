using Dashboard.Core.Databases;
using Dashboard.Core.Maintenance;

namespace Dashboard.Core.Tests.Fakes;

/// <summary>The indexes of a fake engine: a set of names, and a query that takes a tenth of a second for each that it lacks.</summary>
internal sealed class FakeIndexes
{
    public HashSet<string> Names { get; } = [];

    /// <summary>Whether a query takes the index that is there.</summary>
    public bool AreUsed { get; set; } = true;

    /// <summary>Awaited once an index stands.</summary>
    public Func<CancellationToken, Task> AfterCreated { get; set; } = _ => Task.CompletedTask;

    public static void Check(string query)
    {
        if (!query.StartsWith("SELECT", StringComparison.Ordinal))
        {
            throw new DatabaseException("This is not one SELECT that only reads.", "Paste a single SELECT.");
        }
    }

    public QueryMeasure Measure(string query)
    {
        Check(query);
        IReadOnlyList<string> used = AreUsed ? [.. Names] : [];
        return new QueryMeasure(TimeSpan.FromMilliseconds(used.Count > 0 ? 2 : 500), 5, [used.Count > 0 ? "search" : "scan"], used);
    }

    public async Task CreateAsync(IndexDraft draft, CancellationToken cancellationToken)
    {
        Names.Add(draft.Name);
        await AfterCreated(cancellationToken);
    }
}

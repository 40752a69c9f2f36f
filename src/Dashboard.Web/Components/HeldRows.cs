namespace Dashboard.Web.Components;

/// <summary>
/// The rows of a live table, that stand still while somebody points at them: their values change where they are, their order and who is among them waits.
/// </summary>
internal sealed class HeldRows<T>(Func<T, string> key)
    where T : class
{
    private IReadOnlyList<T> _shown = [];
    private IReadOnlyList<T> _waiting = [];

    public bool IsHeld { get; set; }

    public IReadOnlyList<T> Shown => _shown;

    /// <summary>Rows that would come, go or stand elsewhere.</summary>
    public int Changes { get; private set; }

    /// <summary>What the table would show now; <paramref name="find"/> has the newest values also of rows that are no longer on the page, null for one that is gone.</summary>
    public void Take(IReadOnlyList<T> wanted, Func<string, T?> find)
    {
        _waiting = wanted;
        if (!IsHeld || _shown.Count == 0)
        {
            Apply();
            return;
        }

        _shown = [.. _shown.Select(row => find(key(row)) ?? row)];
        Changes = CountChanges();
    }

    public void Apply()
    {
        _shown = _waiting;
        Changes = 0;
    }

    private int CountChanges()
    {
        var (before, after) = (_shown.Select(key).ToList(), _waiting.Select(key).ToList());
        var stay = after.ToHashSet(StringComparer.Ordinal);
        var were = before.ToHashSet(StringComparer.Ordinal);

        // A row that comes or goes moves all below it: only those that stand otherwise among the ones that stay count.
        var moved = before.Where(stay.Contains).Zip(after.Where(were.Contains)).Count(pair => pair.First != pair.Second);
        return moved + before.Count(name => !stay.Contains(name)) + after.Count(name => !were.Contains(name));
    }
}

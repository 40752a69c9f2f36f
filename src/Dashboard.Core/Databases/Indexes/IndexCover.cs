namespace Dashboard.Core.Databases.Indexes;

/// <summary>Which index can do the work of which. Pure.</summary>
public static class IndexCover
{
    private static readonly char[] Quotes = ['\'', '"', '`', '['];

    /// <summary>The same entries in the same order, or read backwards.</summary>
    public static bool IsSame(IndexFacts one, IndexFacts other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return one.Columns.Count == other.Columns.Count && Begins(one, other);
    }

    /// <summary>Whether the columns of <paramref name="shorter"/> begin <paramref name="longer"/>, over the same rows.</summary>
    public static bool Begins(IndexFacts shorter, IndexFacts longer)
    {
        ArgumentNullException.ThrowIfNull(shorter);
        ArgumentNullException.ThrowIfNull(longer);
        return shorter.Table == longer.Table
            && shorter.Kind == longer.Kind
            && Same(shorter.Where, longer.Where)
            && shorter.Columns.Count > 0
            && shorter.Columns.Count <= longer.Columns.Count
            && (Begins(shorter.Columns, longer.Columns, backwards: false) || Begins(shorter.Columns, longer.Columns, backwards: true));
    }

    /// <summary>
    /// Whether <paramref name="needless"/> can go because of <paramref name="keeper"/>. A strict order, so that of two that are the same only one is needless:
    /// a constraint before one made by hand, a unique one before one that is not, then by name.
    /// </summary>
    public static bool Replaces(IndexFacts keeper, IndexFacts needless)
    {
        ArgumentNullException.ThrowIfNull(keeper);
        ArgumentNullException.ThrowIfNull(needless);
        if (needless.Origin != IndexOrigin.ByHand || needless.IsBound || keeper.IsInvalid || keeper.Name == needless.Name || !Begins(needless, keeper) || !Stores(keeper, needless))
        {
            return false;
        }

        // What keeps values unique does a work that only one with the very same columns can take over.
        var isSame = IsSame(needless, keeper);
        if (needless.IsUnique && !(isSame && keeper.IsUnique))
        {
            return false;
        }

        return !isSame || !Stores(needless, keeper) || needless.IsInvalid || Rank(keeper).CompareTo(Rank(needless)) > 0
            || (Rank(keeper) == Rank(needless) && string.CompareOrdinal(keeper.Name, needless.Name) < 0);
    }

    /// <summary>Whether a query finds in the one all columns that it finds in the other, without a look at the table.</summary>
    private static bool Stores(IndexFacts one, IndexFacts other) =>
        other.Included.All(column => one.Included.Contains(column) || one.Columns.Any(own => own.Name == column));

    private static (IndexOrigin, bool) Rank(IndexFacts index) => (index.Origin, index.IsUnique);

    private static bool Begins(IReadOnlyList<IndexColumn> shorter, IReadOnlyList<IndexColumn> longer, bool backwards)
    {
        for (var position = 0; position < shorter.Count; position++)
        {
            var (one, other) = (shorter[position], longer[position]);
            if (one.Name != other.Name
                || !Same(one.Expression, other.Expression)
                || one.Collation != other.Collation
                || one.Operators != other.Operators
                || one.IsNullsMoved != other.IsNullsMoved
                || (one.IsDescending != other.IsDescending) != backwards)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Spaces and case make no other expression, unless something in it is quoted.</summary>
    private static bool Same(string? one, string? other) => one == other
        || (one is not null && other is not null && one.IndexOfAny(Quotes) < 0 && other.IndexOfAny(Quotes) < 0 && string.Equals(Packed(one), Packed(other), StringComparison.OrdinalIgnoreCase));

    private static string Packed(string sql) => string.Concat(sql.Where(letter => !char.IsWhiteSpace(letter)));
}

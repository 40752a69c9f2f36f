using Dashboard.Core.Databases;

namespace Dashboard.Sqlite.Aliases;

/// <summary>Refuses work that would not be what it says, because the content is not all where this path leads.</summary>
internal static class DemandWhole
{
    /// <summary>Before and after all of it is read.</summary>
    /// <param name="consequence">What the refusal means: "No backup was taken: it would lack the newest rows."</param>
    /// <returns>What refuses nothing and is worth knowing, a sentence or two each.</returns>
    /// <exception cref="DatabaseException">When committed rows are elsewhere.</exception>
    public static IReadOnlyList<string> ToRead(string location, string consequence, CancellationToken cancellationToken) =>
        Demand(location, AliasHarm.HidesRows, consequence, cancellationToken);

    /// <summary>Before something is written.</summary>
    /// <returns>As above.</returns>
    /// <exception cref="DatabaseException">Also where others would not notice, or not respect, what is written here.</exception>
    public static IReadOnlyList<string> ToWrite(string location, CancellationToken cancellationToken) =>
        Demand(location, AliasHarm.UnsafeToWrite, "Nothing was changed.", cancellationToken);

    private static IReadOnlyList<string> Demand(string location, AliasHarm limit, string consequence, CancellationToken cancellationToken)
    {
        var found = FindAliases.Run(location, cancellationToken);
        return found is [var worst, ..] && worst.Harm >= limit
            ? throw new DatabaseException($"{worst.Problem} {consequence}", worst.WayOut)
            : [.. found.Select(finding => finding.Sentence)];
    }
}

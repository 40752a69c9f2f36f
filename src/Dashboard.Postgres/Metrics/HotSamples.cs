namespace Dashboard.Postgres.Metrics;

/// <summary>
/// The short table of the last hours. Its key begins with the time and a round has one time for all its samples, so it is read by
/// walking from moment to moment and looking into each: hundreds of steps where a scan would take a million.
/// </summary>
internal static class HotSamples
{
    /// <summary>A statement that goes on from here has <c>moments (at)</c>: those from @from to @to at which something was measured.</summary>
    public const string WithMoments =
        """
        WITH RECURSIVE steps AS (
            (SELECT at FROM samples_hot WHERE at BETWEEN @from AND @to ORDER BY at LIMIT 1)
            UNION ALL
            SELECT (SELECT hot.at FROM samples_hot AS hot WHERE hot.at > steps.at AND hot.at <= @to ORDER BY hot.at LIMIT 1)
            FROM steps
            WHERE steps.at IS NOT NULL
        ),
        moments AS (
            SELECT at FROM steps WHERE at IS NOT NULL
        )

        """;
}

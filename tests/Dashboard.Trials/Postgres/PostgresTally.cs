namespace Dashboard.Trials.Postgres;

/// <summary>The closing words: what was tried, how often it hit, and what came of it.</summary>
internal static class PostgresTally
{
    public static void Print(IReadOnlyList<PostgresTrialResult> results)
    {
        Console.WriteLine();
        Console.WriteLine($"{"fault",-52}{"trials",7}{"hit",5}{"old",5}{"new",5}{"bad",5}{"longest until nothing was left",32}");
        foreach (var of in results.GroupBy(result => result.Fault.Title))
        {
            PrintLine(of.Key, [.. of]);
        }

        PrintLine("all", results);
        Console.WriteLine("Hit: the run was open. Old and new content of a dump: no backup, and a whole one.");
    }

    private static void PrintLine(string title, IReadOnlyList<PostgresTrialResult> of)
    {
        var good = of.Where(result => result.Broken is null).ToList();
        var longest = good.Count == 0 ? "" : $"{good.Max(result => result.Gone.TotalSeconds):0.0} s";
        Console.WriteLine($"{title,-52}{of.Count,7}{good.Count(result => result.Landed is not null),5}{good.Count(result => !result.IsNew),5}{good.Count(result => result.IsNew),5}{of.Count - good.Count,5}{longest,32}");
    }
}

namespace Dashboard.Trials;

/// <summary>The closing words: what was tried, where it hit, and what came of it.</summary>
internal static class Tally
{
    public static void Print(IReadOnlyList<TrialResult> results)
    {
        Console.WriteLine();
        Console.WriteLine("Where the kills landed");
        foreach (var operation in results.Where(result => result.Broken is null).GroupBy(result => result.Fault.Operation).OrderBy(of => of.Key))
        {
            var steps = operation.GroupBy(result => result.Landed).OrderBy(of => of.Key).Select(of => $"{of.Key} {of.Count()}");
            Console.WriteLine($"  {operation.Key,-9}{string.Join(", ", steps)}");
        }

        Console.WriteLine();
        Console.WriteLine($"{"operation",-11}{"journal",-9}{"trials",7}{"killed mid-run",16}{"old content",13}{"new content",13}{"bad",5}");
        foreach (var of in results.GroupBy(result => (result.Fault.Operation, result.Fault.Journal)).OrderBy(of => of.Key))
        {
            PrintLine(of.Key.Operation.ToString(), of.Key.Journal.ToString(), [.. of]);
        }

        PrintLine("all", "", results);
        Console.WriteLine("Old and new content of a backup: no backup, and a whole one.");
        Console.WriteLine($"{results.Count(result => result.Fault.SecondKill is not null)} times the next start was killed as well; {results.Sum(result => result.Committed)} transactions were committed meanwhile.");
    }

    private static void PrintLine(string operation, string journal, IReadOnlyList<TrialResult> of) => Console.WriteLine(
        $"{operation,-11}{journal,-9}{of.Count,7}{of.Count(result => result.Landed != Step.Ended && result.Broken is null),16}{of.Count(result => !result.IsNew && result.Broken is null),13}{of.Count(result => result.IsNew && result.Broken is null),13}{of.Count(result => result.Broken is not null),5}");
}

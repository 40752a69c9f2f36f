using System.Globalization;

namespace Dashboard.Trials.Odd;

/// <summary>Counts kinds, colours and what was untrue, and says each of these as it is found.</summary>
internal sealed class OddTally(bool isTold)
{
    private readonly Dictionary<string, int> _kinds = [];
    private readonly Dictionary<string, int> _colours = [];
    private int _databases;

    public int Bad { get; private set; }

    public void Add(string engine, int seed, IReadOnlyList<string> kinds, IReadOnlyList<OddStep> steps)
    {
        _databases++;
        foreach (var kind in kinds)
        {
            Count(_kinds, $"{engine}: {kind}");
        }

        foreach (var step in steps)
        {
            Count(_colours, $"{engine}, {step.Step}: {step.Colour}");
        }

        var bad = steps.Where(step => step.Bad is not null).ToList();
        Bad += bad.Count;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_databases,4} {engine} {seed} ({string.Join(", ", kinds)}): {(bad.Count == 0 ? "true" : "UNTRUE")}"));
        foreach (var step in isTold ? steps.Where(step => step.Colour != "green" || step.Bad is not null || step.Differences.Count > 0) : bad)
        {
            Console.WriteLine($"       {step.Step}, {step.Colour}: {step.Said.Replace('\n', ' ')}");
            if (step.Bad is not null)
            {
                Console.WriteLine($"       UNTRUE: {step.Bad}");
            }
            else if (step.Differences.Count > 0)
            {
                Console.WriteLine($"       differs: {string.Join(" | ", step.Differences.Take(8))}");
            }
        }
    }

    public void Print()
    {
        Console.WriteLine("Kinds:");
        Print(_kinds);
        Console.WriteLine("What the product said:");
        Print(_colours);
    }

    private static void Count(Dictionary<string, int> counts, string name) => counts[name] = counts.GetValueOrDefault(name) + 1;

    private static void Print(Dictionary<string, int> counts)
    {
        foreach (var (name, count) in counts.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count,5} {name}"));
        }
    }
}

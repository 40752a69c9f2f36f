using System.Globalization;

namespace Dashboard.Benchmarks;

/// <summary>One figure against its bar.</summary>
/// <param name="Raw">What the ratio was made of.</param>
internal sealed record Figure(string Name, double Value, double Bar, string Raw)
{
    public bool IsPass => Value <= Bar;
}

/// <summary>Prints each figure as it comes, and all of them as a table at the end.</summary>
internal sealed class Figures
{
    private readonly List<Figure> _all = [];

    public bool AllPass => _all.TrueForAll(figure => figure.IsPass);

    public void Add(string name, double value, double bar, string raw)
    {
        var figure = new Figure(name, value, bar, raw);
        _all.Add(figure);
        Console.WriteLine(Line(figure));
    }

    /// <summary>A ratio of two things that were measured in turn.</summary>
    public void AddRatio(string name, IReadOnlyList<double> ours, IReadOnlyList<double> theirs, double bar, string unit = "s") =>
        Add(name, MedianRatio(ours, theirs), bar, $"{Median(ours):0.00} {unit} [{ours.Min():0.00}-{ours.Max():0.00}] / {Median(theirs):0.00} {unit} [{theirs.Min():0.00}-{theirs.Max():0.00}]");

    /// <summary>A figure that was measured in each round; the median counts.</summary>
    public void AddRounds(string name, IReadOnlyList<double> rounds, double bar) =>
        Add(name, Median(rounds), bar, string.Join(", ", rounds.Select(round => round.ToString("0.00", CultureInfo.InvariantCulture))));

    /// <summary>The p95 of what was measured in all rounds together, with each round's own.</summary>
    public void AddP95(string name, IReadOnlyList<double[]> rounds, double bar)
    {
        List<double> all = [.. rounds.SelectMany(round => round)];
        Add(name, P95(all), bar, $"of {all.Count}, median {Number(Median(all))}; by round {string.Join(", ", rounds.Where(round => round.Length > 0).Select(round => Number(P95(round))))}");
    }

    /// <summary>The same by the clock against its bar, and by the processor for information.</summary>
    public void AddRatio(string name, IReadOnlyList<Cost> ours, IReadOnlyList<Cost> theirs, double bar)
    {
        AddRatio(name, [.. ours.Select(cost => cost.Seconds)], [.. theirs.Select(cost => cost.Seconds)], bar);
        InformProcessor(ours, theirs);
    }

    /// <summary>A ratio without a bar.</summary>
    public static void InformRatio(string name, IReadOnlyList<Cost> ours, IReadOnlyList<Cost> theirs)
    {
        List<double> seconds = [.. ours.Select(cost => cost.Seconds)], other = [.. theirs.Select(cost => cost.Seconds)];
        Inform($"{name}: {Number(MedianRatio(seconds, other))} ({Median(seconds):0.00} s / {Median(other):0.00} s)");
        InformProcessor(ours, theirs);
    }

    public static void Inform(string text) => Console.WriteLine("   " + text);

    public void PrintTable()
    {
        Console.WriteLine();
        Console.WriteLine("| figure | reached | bar | | raw, median [min-max] |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var figure in _all)
        {
            Console.WriteLine($"| {figure.Name} | {Number(figure.Value)} | {Number(figure.Bar)} | {(figure.IsPass ? "pass" : "**short**")} | {figure.Raw} |");
        }
    }

    /// <summary>What nineteen of twenty stay below.</summary>
    public static double P95(IReadOnlyList<double> values) =>
        values.Count == 0 ? throw new ArgumentException("Nothing was measured.", nameof(values)) : values.Order().ElementAt((int)Math.Ceiling(values.Count * 0.95) - 1);

    public static double Median(IReadOnlyList<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[sorted.Count / 2 - 1] + sorted[sorted.Count / 2]) / 2;
    }

    /// <summary>The median of the ratios of each round: noise that lasts for a round hits both.</summary>
    private static double MedianRatio(IReadOnlyList<double> ours, IReadOnlyList<double> theirs) => Median([.. ours.Zip(theirs, (one, other) => one / other)]);

    private static void InformProcessor(IReadOnlyList<Cost> ours, IReadOnlyList<Cost> theirs)
    {
        List<double> processor = [.. ours.Select(cost => cost.Processor)], other = [.. theirs.Select(cost => cost.Processor)];
        Inform($"by processor time {Number(MedianRatio(processor, other))} ({Median(processor):0.00} s / {Median(other):0.00} s)");
    }

    private static string Line(Figure figure) => $"{figure.Name}: {Number(figure.Value)}, bar {Number(figure.Bar)}, {(figure.IsPass ? "pass" : "short")} ({figure.Raw})";

    private static string Number(double value) => value.ToString(value < 10 ? "0.00" : "0", CultureInfo.InvariantCulture);
}

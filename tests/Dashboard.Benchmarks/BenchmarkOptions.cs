using System.Globalization;

namespace Dashboard.Benchmarks;

/// <param name="Only">The bar to measure, 0 for the restore times; null for all.</param>
/// <param name="Keep">Whether the generated database stays for the next time.</param>
internal sealed record BenchmarkOptions(int Mib, int Rounds, int? Only, bool Keep)
{
    public const string Usage = "[--mib 1024] [--rounds 5] [--only <bar>] [--keep]";

    /// <summary>Null when the command line makes no sense.</summary>
    public static BenchmarkOptions? Read(string[] arguments)
    {
        var options = new BenchmarkOptions(1024, 5, null, false);
        for (var i = 0; i < arguments.Length; i++)
        {
            var number = i + 1 < arguments.Length && int.TryParse(arguments[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var read) ? read : (int?)null;
            var next = (arguments[i], number) switch
            {
                ("--keep", _) => options with { Keep = true },
                ("--mib", { } mib and > 0) => options with { Mib = mib },
                ("--rounds", { } rounds and > 0) => options with { Rounds = rounds },
                ("--only", { } only) => options with { Only = only },
                _ => null,
            };
            if (next is null)
            {
                return null;
            }

            i += arguments[i] == "--keep" ? 0 : 1;
            options = next;
        }

        return options;
    }

    /// <summary>Whether any of these bars is wanted.</summary>
    public bool Wants(params int[] bars) => Only is not { } only || bars.Contains(only);
}

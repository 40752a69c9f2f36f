using System.Globalization;

namespace Dashboard.Trials.Odd;

/// <param name="Sqlite">How many of it.</param>
/// <param name="Seed">Of the first; the others follow.</param>
internal sealed record OddOptions(int Sqlite, int Postgres, int Seed, bool IsTold)
{
    public const string Switch = "--odd";

    public const string Usage = "--odd <count> [--engine sqlite|postgres] [--seed <number>] [--told]";

    private const int UsualSeed = 20261128;

    /// <summary>Null when the command line makes no sense.</summary>
    public static OddOptions? Read(string[] arguments)
    {
        int? count = null;
        var (engine, seed, isTold) = ("", UsualSeed, false);
        for (var at = 0; at < arguments.Length; at++)
        {
            switch (arguments[at])
            {
                case Switch when at + 1 < arguments.Length && int.TryParse(arguments[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number):
                    (count, at) = (number, at + 1);
                    break;
                case "--engine" when at + 1 < arguments.Length && arguments[at + 1] is "sqlite" or "postgres":
                    engine = arguments[++at];
                    break;
                case "--seed" when at + 1 < arguments.Length && int.TryParse(arguments[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var first):
                    (seed, at) = (first, at + 1);
                    break;
                case "--told":
                    isTold = true;
                    break;
                default:
                    return null;
            }
        }

        return count is not { } all ? null
            : engine == "sqlite" ? new(all, 0, seed, isTold)
            : engine == "postgres" ? new(0, all, seed, isTold)
            : new(all - (all / 2), all / 2, seed, isTold);
    }
}

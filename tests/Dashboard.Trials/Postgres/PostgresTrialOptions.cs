using System.Globalization;

namespace Dashboard.Trials.Postgres;

internal sealed record PostgresTrialOptions(int Trials, int Seed, int Megabytes, FaultKind? Only, Work? During)
{
    public const string Switch = "--postgres";

    public static readonly string Usage = $"{Switch} <count> [--seed <number>] [--megabytes <size>] [--only {string.Join('|', Enum.GetNames<FaultKind>()).ToLowerInvariant()}] [--during {string.Join('|', Enum.GetNames<Work>()).ToLowerInvariant()}]";

    private const int DefaultMegabytes = 8;

    /// <summary>Null when the command line makes no sense.</summary>
    public static PostgresTrialOptions? Read(string[] arguments)
    {
        var options = new PostgresTrialOptions(0, Random.Shared.Next(1, 1_000_000), DefaultMegabytes, null, null);
        foreach (var pair in arguments.Chunk(2))
        {
            var read = (pair[0], pair[^1]) switch
            {
                (Switch, var text) when Number(text) is { } number => options with { Trials = number },
                ("--seed", var text) when Number(text) is { } number => options with { Seed = number },
                ("--megabytes", var text) when Number(text) is { } number => options with { Megabytes = number },
                ("--only", var text) when Enum.TryParse<FaultKind>(text, ignoreCase: true, out var kind) => options with { Only = kind },
                ("--during", var text) when Enum.TryParse<Work>(text, ignoreCase: true, out var work) => options with { During = work },
                _ => null,
            };
            if (read is null)
            {
                return null;
            }

            options = read;
        }

        return options.Trials > 0 ? options : null;
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
}

using System.Globalization;

namespace Dashboard.Trials;

internal sealed record TrialOptions(int Trials, int Seed, int Megabytes, Operation? OnlyOperation, Journal? OnlyJournal, string? OnlyTask = null)
{
    public const string Usage = "--trials <count> [--seed <number>] [--megabytes <size>] [--only backup|restore|undo] [--journal wal|delete]\n--upkeep --trials <count> [--seed <number>] [--megabytes <size>] [--journal wal|delete] [--task <beginning of its name>]";

    private const int DefaultTrials = 200;
    private const int DefaultMegabytes = 24;

    /// <summary>Null when the command line makes no sense.</summary>
    public static TrialOptions? Read(string[] arguments)
    {
        var options = new TrialOptions(DefaultTrials, Random.Shared.Next(1, 1_000_000), DefaultMegabytes, null, null);
        if (arguments.Length % 2 == 1)
        {
            return null;
        }

        foreach (var pair in arguments.Chunk(2))
        {
            var read = (pair[0], pair[1]) switch
            {
                ("--trials", var text) when Number(text) is { } number => options with { Trials = number },
                ("--seed", var text) when Number(text) is { } number => options with { Seed = number },
                ("--megabytes", var text) when Number(text) is { } number => options with { Megabytes = number },
                ("--only", var text) when Enum.TryParse<Operation>(text, ignoreCase: true, out var operation) => options with { OnlyOperation = operation },
                ("--journal", var text) when Enum.TryParse<Journal>(text, ignoreCase: true, out var journal) => options with { OnlyJournal = journal },
                ("--task", var text) => options with { OnlyTask = text },
                _ => null,
            };
            if (read is null)
            {
                return null;
            }

            options = read;
        }

        return options;
    }

    /// <summary>All the faults of this run, in turn over operations and journal modes.</summary>
    public IEnumerable<Fault> Faults()
    {
        var operations = OnlyOperation is { } operation ? [operation] : Enum.GetValues<Operation>();
        var journals = OnlyJournal is { } journal ? [journal] : Enum.GetValues<Journal>();
        for (var number = 0; number < Trials; number++)
        {
            yield return Fault.Of(operations[number % operations.Length], journals[number / operations.Length % journals.Length], Seed + number);
        }
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
}

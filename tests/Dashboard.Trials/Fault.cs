namespace Dashboard.Trials;

internal enum Operation
{
    Backup,
    Restore,
    Undo,
}

internal enum Journal
{
    Wal,
    Delete,
}

/// <summary>How far an operation is, told from the files that it leaves: the same before and after a kill.</summary>
internal enum Step
{
    Starting,
    Copying,
    Checking,
    Compressing,
    ReadingBack,
    Publishing,
    Unpacking,
    CheckingCopy,
    KeepingUndo,
    Restoring,
    Committed,
    Recorded,
    Ended,
}

/// <summary>One kill -9 of the server: during which operation, when, and whether the next start is killed as well.</summary>
/// <param name="Aim">The kill waits until this step has begun,</param>
/// <param name="Portion">and then for this part of its usual length.</param>
/// <param name="SecondKill">Milliseconds after the next start answered, while it puts things in order; null for no second kill.</param>
/// <param name="Seed">Draws the rest, given the operation.</param>
internal sealed record Fault(Operation Operation, Journal Journal, Step Aim, double Portion, int? SecondKill, int Seed)
{
    private const double SecondKillShare = 0.25;
    private const int SecondKillWithinMilliseconds = 120;

    private static readonly Step[] OfBackup = [Step.Starting, Step.Copying, Step.Checking, Step.Compressing, Step.ReadingBack, Step.Publishing, Step.Recorded];

    /// <summary>Restoring lasts until the undo copy is recorded, so it holds the commit, which no file shows from outside.</summary>
    private static readonly Step[] OfReplacing = [Step.Starting, Step.Unpacking, Step.CheckingCopy, Step.KeepingUndo, Step.Restoring, Step.Restoring, Step.Restoring, Step.Recorded];

    public static Fault Of(Operation operation, Journal journal, int seed)
    {
        var random = new Random(seed);
        var steps = operation == Operation.Backup ? OfBackup : OfReplacing;
        var aim = steps[random.Next(steps.Length)];
        var portion = random.NextDouble();
        int? second = random.NextDouble() < SecondKillShare ? random.Next(SecondKillWithinMilliseconds) : null;
        return new Fault(operation, journal, aim, portion, second, seed);
    }

    public string HowToRepeat => $"--trials 1 --seed {Seed} --only {Operation} --journal {Journal}".ToLowerInvariant();

    public override string ToString() =>
        $"{Operation} {Journal}, kill -9 after {Portion:P0} of {Aim}{(SecondKill is { } wait ? $", again {wait} ms after the next start" : "")} (seed {Seed})";
}

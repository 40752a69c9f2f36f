namespace Dashboard.Trials.Postgres;

/// <summary>What happens to the product while it works.</summary>
internal enum FaultKind
{
    KillDashboard,
    KillPostmaster,
    EndSessions,
    CutConnection,
    FullDisk,
    HeldLock,
    KillBehindLock,
    LongLock,
    Migration,
    OddName,
    ManyTables,
}

/// <summary>During what it happens.</summary>
internal enum Work
{
    Dump,
    Restore,
    Swap,
    Undo,
    All,
}

/// <summary>One fault, and when: after this portion of the usual length of the work.</summary>
/// <param name="Seed">Draws the rest, given kind and work.</param>
internal sealed record PostgresFault(FaultKind Kind, Work During, double Portion, int Seed)
{
    /// <summary>Those of a few seconds, in the order in which a short round tries them.</summary>
    private static readonly (FaultKind Kind, Work During)[] Quick =
    [
        (FaultKind.KillDashboard, Work.Swap),
        (FaultKind.KillPostmaster, Work.Swap),
        (FaultKind.KillDashboard, Work.Restore),
        (FaultKind.KillDashboard, Work.Dump),
        (FaultKind.OddName, Work.All),
        (FaultKind.KillDashboard, Work.Undo),
        (FaultKind.KillPostmaster, Work.Dump),
        (FaultKind.KillPostmaster, Work.Restore),
        (FaultKind.EndSessions, Work.Dump),
        (FaultKind.EndSessions, Work.Restore),
        (FaultKind.EndSessions, Work.Swap),
        (FaultKind.CutConnection, Work.Dump),
        (FaultKind.CutConnection, Work.Restore),
        (FaultKind.CutConnection, Work.Swap),
        (FaultKind.FullDisk, Work.Dump),
        (FaultKind.FullDisk, Work.Restore),
        (FaultKind.Migration, Work.Dump),
        (FaultKind.HeldLock, Work.Restore),
    ];

    /// <summary>Those of a minute and more, once at the end of a long round.</summary>
    private static readonly (FaultKind Kind, Work During)[] Slow = [(FaultKind.HeldLock, Work.Dump), (FaultKind.KillBehindLock, Work.Dump), (FaultKind.LongLock, Work.All), (FaultKind.ManyTables, Work.All)];

    /// <summary>All the faults of one round of trials.</summary>
    /// <param name="only">Null for any.</param>
    /// <param name="during">Null for any.</param>
    public static IEnumerable<PostgresFault> Draw(int trials, int seed, FaultKind? only, Work? during)
    {
        var chosen = Quick.Concat(Slow).Where(one => (only is null || one.Kind == only) && (during is null || one.During == during)).ToList();
        var isWhole = chosen.Count == Quick.Length + Slow.Length;
        (FaultKind Kind, Work During)[] once = isWhole && trials >= chosen.Count ? Slow : [];
        var often = isWhole ? [.. Quick] : chosen;
        for (var number = 0; number < trials && often.Count > 0; number++)
        {
            var ofOnce = number - (trials - once.Length);
            var (kind, work) = ofOnce < 0 ? often[number % often.Count] : once[ofOnce];
            yield return new PostgresFault(kind, work, new Random(seed + number).NextDouble(), seed + number);
        }
    }

    public string HowToRepeat => $"{PostgresTrialOptions.Switch} 1 --seed {Seed} --only {Kind} --during {During}".ToLowerInvariant();

    public string Title => $"{Words(Kind)}, {(During == Work.All ? "dump, restore, undo" : During.ToString().ToLowerInvariant())}";

    public override string ToString() => $"{Title} at {Portion:P0} (seed {Seed})";

    private static string Words(FaultKind kind) => kind switch
    {
        FaultKind.KillDashboard => "kill -9 of the dashboard",
        FaultKind.KillPostmaster => "kill -9 of the postmaster",
        FaultKind.EndSessions => "our sessions ended",
        FaultKind.CutConnection => "connection cut",
        FaultKind.FullDisk => "disk full on our side",
        FaultKind.HeldLock => "ACCESS EXCLUSIVE held",
        FaultKind.KillBehindLock => "kill -9 while waiting for a lock",
        FaultKind.LongLock => "ACCESS EXCLUSIVE held for minutes",
        FaultKind.Migration => "migration",
        FaultKind.OddName => "odd name",
        _ => "20,000 tables",
    };
}

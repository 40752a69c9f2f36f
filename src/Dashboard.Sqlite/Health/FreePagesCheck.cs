using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Sqlite.Maintenance;

namespace Dashboard.Sqlite.Health;

/// <summary>Room in the file that holds nothing.</summary>
internal sealed class FreePagesCheck(TimeProvider time) : GroundCheck(time)
{
    private const string Share = "share";
    private const string Least = "least";
    private const long MiB = 1 << 20;

    public override HealthDescription Description { get; } = new(
        "free-pages",
        "Free pages",
        "How much of the file holds nothing. SQLite uses it again before the file grows, and gives none of it back by itself; backups and checks read it all the same.",
        IsCritical: false)
    {
        NeedsOpenDatabase = true,
        Fields =
        [
            new HealthField(Share, "Warn from", HealthFieldKind.Number, "25") { Unit = "% of the file", Min = 1, Max = 100 },
            new HealthField(Least, "and not below", HealthFieldKind.Number, "64") { Unit = "MiB" },
        ],
    };

    protected override HealthAnswer Judge(Ground ground, HealthValues values, CancellationToken cancellationToken)
    {
        var evidence = $"{Words.Bytes(ground.FreeBytes)} of {Words.Bytes(ground.TotalBytes)} hold nothing ({Words.Share(ground.FreeShare)}).";
        return ground.FreeShare * 100 >= values.Number(Share) && ground.FreeBytes >= (values.Number(Least) ?? 0) * MiB
            ? HealthAnswer.Warn(evidence, "Run a vacuum under Maintenance.")
            : HealthAnswer.Pass(evidence);
    }
}

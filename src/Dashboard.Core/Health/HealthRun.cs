using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dashboard.Core.Health;

/// <summary>What one health run found, as a whole.</summary>
public sealed class HealthRun
{
    /// <summary>The run that looked.</summary>
    public required Guid RunId { get; init; }

    public required SubjectKind SubjectKind { get; init; }

    public required Guid SubjectId { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Quarter hours since 1970, for what is grouped by time: no zone's day begins within one.</summary>
    public required int Quarter { get; init; }

    public required HealthVerdict Verdict { get; init; }

    /// <summary>The same without the checks whose matter the fleet sees live.</summary>
    public required HealthVerdict LastingVerdict { get; init; }

    /// <summary>The worst finding that <see cref="LastingVerdict"/> comes from: "Integrity: …"; null where nothing is wrong.</summary>
    public string? LastingFinding { get; init; }

    public required int Passed { get; init; }

    public required int Total { get; init; }

    public required int CriticalPassed { get; init; }

    public required int CriticalTotal { get; init; }

    /// <summary>"7 of 8 passed, all critical ones."</summary>
    public required string Sentence { get; init; }

    /// <summary>The same run, counted with what is known by now.</summary>
    internal HealthRun WithSum(HealthSum sum) => new()
    {
        RunId = RunId,
        SubjectKind = SubjectKind,
        SubjectId = SubjectId,
        At = At,
        Quarter = Quarter,
        Verdict = sum.Verdict,
        LastingVerdict = LastingVerdict,
        LastingFinding = LastingFinding,
        Passed = sum.Passed,
        Total = sum.Total,
        CriticalPassed = sum.CriticalPassed,
        CriticalTotal = sum.CriticalTotal,
        Sentence = sum.Sentence,
    };

    internal static int QuarterOf(DateTimeOffset at) => (int)(at.ToUnixTimeSeconds() / 900);

    internal static DateTimeOffset StartOf(int quarter) => DateTimeOffset.FromUnixTimeSeconds(quarter * 900L);
}

/// <summary>What one check found.</summary>
public sealed class HealthRecord
{
    public required Guid Id { get; init; }

    public required Guid RunId { get; init; }

    public required SubjectKind SubjectKind { get; init; }

    public required Guid SubjectId { get; init; }

    /// <summary><see cref="HealthDescription.Key"/>.</summary>
    public required string Check { get; init; }

    /// <summary>As the check was called then: one of somebody's own may have another name now, or be gone.</summary>
    public required string Title { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>As <see cref="HealthRun.Quarter"/>.</summary>
    public required int Quarter { get; init; }

    public required HealthVerdict Verdict { get; init; }

    /// <summary>The verdict of the time before, where it was another one; null when nothing changed, and for the first.</summary>
    public HealthVerdict? Before { get; init; }

    /// <summary>Since when the check has said so without a break.</summary>
    public required DateTimeOffset Since { get; init; }

    public required bool IsCritical { get; init; }

    public required string Evidence { get; init; }

    public string? NextStep { get; init; }

    public required long TookMilliseconds { get; init; }

    /// <summary>In the order of the page.</summary>
    public required int Position { get; init; }

    /// <summary>The same check, asked again.</summary>
    internal HealthRecord AskedAgain(HealthAnswer answer, DateTimeOffset now) => new()
    {
        Id = Id,
        RunId = RunId,
        SubjectKind = SubjectKind,
        SubjectId = SubjectId,
        Check = Check,
        Title = Title,
        At = now,
        Quarter = Quarter,
        Verdict = answer.Verdict,
        Before = Before,
        Since = answer.Verdict == Verdict ? Since : now,
        IsCritical = IsCritical,
        Evidence = answer.Evidence,
        NextStep = answer.NextStep,
        TookMilliseconds = TookMilliseconds,
        Position = Position,
    };
}

internal sealed class HealthRunConfiguration : IEntityTypeConfiguration<HealthRun>
{
    public void Configure(EntityTypeBuilder<HealthRun> builder)
    {
        builder.ToTable("health_runs");
        builder.HasKey(run => run.RunId);
        builder.HasIndex(run => new { run.SubjectKind, run.SubjectId, run.At });
        builder.HasOne<Run>().WithOne().HasForeignKey<HealthRun>(run => run.RunId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class HealthRecordConfiguration : IEntityTypeConfiguration<HealthRecord>
{
    public void Configure(EntityTypeBuilder<HealthRecord> builder)
    {
        builder.ToTable("health_results");
        builder.Property(record => record.Check).HasMaxLength(40);
        builder.Property(record => record.Title).HasMaxLength(120);

        // Holds what a strip reads, so that ninety days are read without the sentences.
        builder.HasIndex(record => new { record.SubjectKind, record.SubjectId, record.Quarter, record.Check, record.Verdict });

        // Changes are few among the findings.
        builder.HasIndex(record => new { record.SubjectKind, record.SubjectId, record.At }).HasFilter("\"Before\" IS NOT NULL").HasDatabaseName("IX_health_results_changes");
        builder.HasIndex(record => record.RunId);
        builder.HasOne<HealthRun>().WithMany().HasForeignKey(record => record.RunId).OnDelete(DeleteBehavior.Cascade);
    }
}

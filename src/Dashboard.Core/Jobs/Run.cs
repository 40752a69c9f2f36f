using Dashboard.Core.Databases;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dashboard.Core.Jobs;

/// <summary>One piece of work that was asked for: what, about what, by whom, and what became of it. It belongs to no browser tab.</summary>
public sealed class Run
{
    public required Guid Id { get; init; }

    /// <summary><see cref="IJob.Key"/>.</summary>
    public required string Job { get; init; }

    public required SubjectKind SubjectKind { get; init; }

    public required Guid SubjectId { get; init; }

    /// <summary>What the job was told, as JSON; read by its job alone. Never holds a secret.</summary>
    public string? Arguments { get; init; }

    public required string AskedBy { get; init; }

    /// <summary>Set when a schedule asked; one run for a schedule and a due time.</summary>
    public Guid? ScheduleId { get; init; }

    public required DateTimeOffset DueAt { get; init; }

    public required DateTimeOffset QueuedAt { get; init; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    public RunState State { get; set; }

    /// <summary>Whether it writes to its subject: at most one such run of a subject is open at a time.</summary>
    public required bool Writes { get; init; }

    /// <summary>Whether asking again while it is open gives this run instead of a second one.</summary>
    public bool IsOneAtATime { get; init; }

    /// <summary>What it did, in a sentence; set at the end.</summary>
    public string? Summary { get; set; }

    /// <summary>What went wrong, in a sentence.</summary>
    public string? Problem { get; set; }

    /// <summary>What to do about it.</summary>
    public string? NextStep { get; set; }

    /// <summary>How far it durably is, as JSON; read by its job when it is reconciled after a kill.</summary>
    public string? Checkpoint { get; set; }

    /// <summary>Which process runs it.</summary>
    public string? Owner { get; set; }

    /// <summary>Raised with every claim; an update from an older claim is refused.</summary>
    public int Epoch { get; set; }

    public DateTimeOffset? LeaseUntil { get; set; }

    /// <summary>Set when a person has seen that it failed.</summary>
    public DateTimeOffset? SeenAt { get; set; }

    public Subject Subject => new(SubjectKind, SubjectId);

    public bool IsOpen => State is RunState.Queued or RunState.Running or RunState.Cancelling;
}

public enum RunState
{
    Queued = 0,
    Running = 1,
    Cancelling = 2,
    Succeeded = 10,
    SucceededWithWarnings = 11,
    Failed = 12,
    Cancelled = 13,

    /// <summary>The process that ran it was gone; what is really there was looked at and written into the run.</summary>
    Interrupted = 14,
}

/// <summary>A phase of a run, with its times.</summary>
public sealed class RunPhase
{
    public long Id { get; init; }

    public required Guid RunId { get; init; }

    public required string Name { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; set; }

    public long? Bytes { get; set; }
}

/// <summary>A line of a run's log.</summary>
public sealed class RunLine
{
    public long Id { get; init; }

    public required Guid RunId { get; init; }

    public required DateTimeOffset At { get; init; }

    public required LineLevel Level { get; init; }

    public required string Text { get; init; }
}

internal sealed class RunConfiguration : IEntityTypeConfiguration<Run>
{
    public void Configure(EntityTypeBuilder<Run> builder)
    {
        builder.ToTable("runs");
        builder.HasKey(run => run.Id);
        builder.Ignore(run => run.Subject);
        builder.Ignore(run => run.IsOpen);
        builder.Property(run => run.Job).HasMaxLength(40);
        builder.Property(run => run.AskedBy).HasMaxLength(120);
        builder.HasIndex(run => new { run.State, run.DueAt });
        builder.HasIndex(run => new { run.SubjectId, run.QueuedAt });
        builder.HasIndex(run => run.QueuedAt);

        // Survives a second tick, a second instance and a clock set back: a due time becomes one run.
        builder.HasIndex(run => new { run.ScheduleId, run.DueAt }).IsUnique().HasFilter("\"ScheduleId\" IS NOT NULL");

        // Two clicks, two tabs or two instances cannot ask for the same work, or for two writing runs, at once.
        builder.HasIndex(run => new { run.SubjectKind, run.SubjectId, run.Job }).IsUnique().HasFilter("\"State\" IN (0, 1, 2) AND \"IsOneAtATime\"").HasDatabaseName("IX_runs_one_open_of_a_job");
        builder.HasIndex(run => new { run.SubjectKind, run.SubjectId }).IsUnique().HasFilter("\"State\" IN (0, 1, 2) AND \"Writes\"").HasDatabaseName("IX_runs_one_open_writer");
    }
}

internal sealed class RunPhaseConfiguration : IEntityTypeConfiguration<RunPhase>
{
    public void Configure(EntityTypeBuilder<RunPhase> builder)
    {
        builder.ToTable("run_phases");
        builder.HasIndex(phase => phase.RunId);
        builder.HasOne<Run>().WithMany().HasForeignKey(phase => phase.RunId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class RunLineConfiguration : IEntityTypeConfiguration<RunLine>
{
    public void Configure(EntityTypeBuilder<RunLine> builder)
    {
        builder.ToTable("run_lines");
        builder.HasIndex(line => line.RunId);
        builder.HasOne<Run>().WithMany().HasForeignKey(line => line.RunId).OnDelete(DeleteBehavior.Cascade);
    }
}

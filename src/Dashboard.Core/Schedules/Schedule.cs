using Dashboard.Core.Databases;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dashboard.Core.Schedules;

/// <summary>When something is to run by itself.</summary>
public sealed class Schedule
{
    public required Guid Id { get; init; }

    /// <summary>Key of the job.</summary>
    public required string Job { get; init; }

    /// <summary>What the job is told, as JSON: a subject may have a schedule for each. Empty where it needs no telling.</summary>
    public string Arguments { get; set; } = "";

    public required SubjectKind SubjectKind { get; init; }

    public required Guid SubjectId { get; init; }

    /// <summary>Five fields of cron, read by Cronos in <see cref="Zone"/>.</summary>
    public required string Cron { get; set; }

    /// <summary>IANA name: "Europe/Berlin".</summary>
    public required string Zone { get; set; }

    public bool IsOn { get; set; }

    /// <summary>The next due time, UTC; null while it is off, and until the clock looks at it after its database was brought back. Computed anew whenever the schedule is edited.</summary>
    public DateTimeOffset? NextAt { get; set; }

    public Subject Subject => new(SubjectKind, SubjectId);
}

internal sealed class ScheduleConfiguration : IEntityTypeConfiguration<Schedule>
{
    public void Configure(EntityTypeBuilder<Schedule> builder)
    {
        builder.ToTable("schedules");
        builder.Ignore(schedule => schedule.Subject);
        builder.Property(schedule => schedule.Job).HasMaxLength(40);
        builder.Property(schedule => schedule.Arguments).HasMaxLength(200);
        builder.Property(schedule => schedule.Cron).HasMaxLength(120);
        builder.Property(schedule => schedule.Zone).HasMaxLength(80);
        builder.HasIndex(schedule => new { schedule.SubjectKind, schedule.SubjectId, schedule.Job, schedule.Arguments }).IsUnique();
        builder.HasIndex(schedule => new { schedule.IsOn, schedule.NextAt });
    }
}

using Dashboard.Core.Databases;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dashboard.Core.Maintenance;

/// <summary>What one task did to one database: the numbers before and after, and what it found.</summary>
public sealed class MaintenanceRecord
{
    public required Guid Id { get; init; }

    public required Guid DatabaseId { get; init; }

    public required Guid RunId { get; init; }

    /// <summary><see cref="MaintenanceDescription.Key"/>.</summary>
    public required string Task { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTimeOffset At { get; init; }

    public required long TookMilliseconds { get; init; }

    public required long SizeBefore { get; init; }

    public required long SizeAfter { get; init; }

    public long? FreeBefore { get; init; }

    public long? FreeAfter { get; init; }

    public long? DeadBefore { get; init; }

    public long? DeadAfter { get; init; }

    public required string Sentence { get; init; }

    public string? Problem { get; init; }

    /// <summary>A line each.</summary>
    public string? Findings { get; init; }

    public TimeSpan Took => TimeSpan.FromMilliseconds(TookMilliseconds);

    /// <summary>Never below nothing: what others wrote meanwhile is not the task's.</summary>
    public long SavedBytes => Math.Max(0, SizeBefore - SizeAfter);

    public double SavedShare => SizeBefore > 0 ? (double)SavedBytes / SizeBefore : 0;
}

internal sealed class MaintenanceRecordConfiguration : IEntityTypeConfiguration<MaintenanceRecord>
{
    public void Configure(EntityTypeBuilder<MaintenanceRecord> builder)
    {
        builder.ToTable("maintenance");
        builder.Ignore(record => record.Took);
        builder.Ignore(record => record.SavedBytes);
        builder.Ignore(record => record.SavedShare);
        builder.Property(record => record.Task).HasMaxLength(40);
        builder.HasIndex(record => new { record.DatabaseId, record.At });
        builder.HasOne<Database>().WithMany().HasForeignKey(record => record.DatabaseId).OnDelete(DeleteBehavior.Cascade);
    }
}

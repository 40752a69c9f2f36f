using Dashboard.Core.Databases;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dashboard.Core.Retention;

/// <summary>What one run did to one table. Written when it begins, and anew while it goes on, so that a kill leaves the numbers of a moment before.</summary>
public sealed class RowRemoval
{
    /// <summary>The id of its run.</summary>
    public required Guid Id { get; init; }

    public required Guid DatabaseId { get; init; }

    public required string Table { get; init; }

    /// <summary>Fixed when the run began: nothing from this moment on was touched.</summary>
    public required DateTimeOffset Cutoff { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Null while it goes on.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Rows that were to go when it began.</summary>
    public required long Planned { get; init; }

    /// <summary>Rows of the table when it began.</summary>
    public required long Total { get; init; }

    /// <summary>Rows whose time could not be read.</summary>
    public required long Unreadable { get; init; }

    public long Removed { get; set; }

    /// <summary>Of the planned ones, rows that stayed because somebody refers to them, has them locked or changed them meanwhile.</summary>
    public long Held { get; set; }

    /// <summary>Rows that were purged from the archive: those of removed files, and of the archive table.</summary>
    public long Purged { get; set; }

    /// <summary>Name of the file or table that took the rows up; null without one.</summary>
    public string? Archive { get; set; }

    /// <summary>Why it did not come to its end; null when it did.</summary>
    public string? Problem { get; set; }
}

internal sealed class RowRemovalConfiguration : IEntityTypeConfiguration<RowRemoval>
{
    public void Configure(EntityTypeBuilder<RowRemoval> builder)
    {
        builder.ToTable("row_removals");
        builder.HasIndex(removal => new { removal.DatabaseId, removal.StartedAt });
        builder.HasOne<Database>().WithMany().HasForeignKey(removal => removal.DatabaseId).OnDelete(DeleteBehavior.Cascade);
    }
}

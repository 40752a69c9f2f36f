using Dashboard.Core.Databases;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dashboard.Core.Retention;

/// <summary>How long the rows of one table stay, and what becomes of them then.</summary>
public sealed class RowRule
{
    public required Guid Id { get; init; }

    public required Guid DatabaseId { get; init; }

    /// <summary>As the tables page names it; a table has one rule.</summary>
    public required string Table { get; init; }

    /// <summary>Name of the column that holds the time of a row.</summary>
    public required string Column { get; set; }

    public required TimeKind Kind { get; set; }

    /// <summary>IANA name of the zone that times without one are in.</summary>
    public required string Zone { get; set; }

    /// <summary>Rows older than this go.</summary>
    public required int Days { get; set; }

    /// <summary>SQL that has to be true as well; null for none.</summary>
    public string? Condition { get; set; }

    /// <summary>See <see cref="RowSelection.LetsKeysAct"/>.</summary>
    public bool LetsKeysAct { get; set; }

    public ArchiveKind Archive { get; set; }

    /// <summary>Name of the table for <see cref="ArchiveKind.Table"/>, beside the other.</summary>
    public string? ArchiveTable { get; set; }

    /// <summary>Archived rows older than this go for good; null when they stay.</summary>
    public int? PurgeDays { get; set; }

    /// <summary>When more than this part of the table would go, in percent, a run stops before it begins.</summary>
    public int MostPercent { get; set; } = 50;

    /// <summary>When it was last changed.</summary>
    public required DateTimeOffset ChangedAt { get; set; }

    public string ChangedBy { get; set; } = "";
}

public enum ArchiveKind
{
    None = 0,

    /// <summary>A compressed file beside the backups.</summary>
    File = 1,

    /// <summary>A table of the same database.</summary>
    Table = 2,
}

internal sealed class RowRuleConfiguration : IEntityTypeConfiguration<RowRule>
{
    public void Configure(EntityTypeBuilder<RowRule> builder)
    {
        builder.ToTable("row_rules");
        builder.Property(rule => rule.Zone).HasMaxLength(80);
        builder.Property(rule => rule.ChangedBy).HasMaxLength(120);
        builder.HasIndex(rule => new { rule.DatabaseId, rule.Table }).IsUnique();
        builder.HasOne<Database>().WithMany().HasForeignKey(rule => rule.DatabaseId).OnDelete(DeleteBehavior.Cascade);
    }
}

using Dashboard.Core.Databases;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dashboard.Core.Retention;

/// <summary>A compressed file of rows that were removed, or are about to be.</summary>
public sealed class RowArchive
{
    public required Guid Id { get; init; }

    public required Guid DatabaseId { get; init; }

    public required string Table { get; init; }

    public required string Folder { get; init; }

    /// <summary>"shop_events_rows_20261125_020000.jsonl.zst".</summary>
    public required string FileName { get; init; }

    public required DateTimeOffset WrittenAt { get; init; }

    public required long Rows { get; init; }

    /// <summary>Of the file.</summary>
    public required long SizeBytes { get; init; }

    public required long ContentBytes { get; init; }

    /// <summary>Of the file, hex.</summary>
    public required string Sha256 { get; init; }

    public DateTimeOffset? Oldest { get; init; }

    public DateTimeOffset? Newest { get; init; }

    /// <summary>Whether every row in it was removed from the table, or found to have changed: nothing is left to do for it.</summary>
    public bool IsDone { get; set; }

    public string FilePath => Path.Combine(Folder, FileName);
}

internal sealed class RowArchiveConfiguration : IEntityTypeConfiguration<RowArchive>
{
    public void Configure(EntityTypeBuilder<RowArchive> builder)
    {
        builder.ToTable("row_archives");
        builder.Ignore(archive => archive.FilePath);
        builder.Property(archive => archive.Sha256).HasMaxLength(64);
        builder.HasIndex(archive => new { archive.DatabaseId, archive.WrittenAt });
        builder.HasOne<Database>().WithMany().HasForeignKey(archive => archive.DatabaseId).OnDelete(DeleteBehavior.Cascade);
    }
}

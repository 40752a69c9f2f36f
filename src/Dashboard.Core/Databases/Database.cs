using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dashboard.Core.Databases;

/// <summary>A registered database: where it is and how its admin wants it treated. Its data are read through its engine only.</summary>
public sealed class Database
{
    public required Guid Id { get; init; }

    /// <summary>The name in addresses and file names: a-z, 0-9 and '-'. Given once, never reused while a backup carries it.</summary>
    public required string Slug { get; init; }

    public required string Name { get; set; }

    /// <summary><see cref="EngineDescription.Key"/> of the engine that serves it.</summary>
    public required string Engine { get; init; }

    /// <summary>Where it is, in its engine's own words; for SQLite a full path with links resolved.</summary>
    public required string Location { get; set; }

    public bool IsSample { get; init; }

    /// <summary>The dashboard's own store: it can be backed up and restored as a copy, never replaced under itself.</summary>
    public bool IsOwnStore { get; init; }

    /// <summary>Where its backups go instead of the folder in the settings.</summary>
    public string? BackupFolder { get; set; }

    /// <summary>Asks for the typed name before every restore, even one that can be undone.</summary>
    public bool AlwaysAskForName { get; set; }

    /// <summary>As <see cref="Databases.Tags"/> keeps them.</summary>
    public string Tags { get; set; } = "";

    public required DateTimeOffset AddedAt { get; init; }

    /// <summary>Set when the registration was removed; it can be brought back for 30 days, and its backups stay.</summary>
    public DateTimeOffset? RemovedAt { get; set; }

    public Subject Subject => Subject.Database(Id);

    public IReadOnlyList<string> TagList => Databases.Tags.Split(Tags);
}

internal sealed class DatabaseConfiguration : IEntityTypeConfiguration<Database>
{
    public void Configure(EntityTypeBuilder<Database> builder)
    {
        builder.ToTable("databases");
        builder.HasKey(database => database.Id);
        builder.Ignore(database => database.Subject);
        builder.Ignore(database => database.TagList);
        builder.Property(database => database.Tags).HasMaxLength(Tags.Most * (Tags.Longest + 1)).HasDefaultValue("");
        builder.Property(database => database.Slug).HasMaxLength(80);
        builder.Property(database => database.Name).HasMaxLength(120);
        builder.Property(database => database.Engine).HasMaxLength(20);
        builder.HasIndex(database => database.Slug).IsUnique();
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dashboard.Core.Backups;

/// <summary>A login that somebody gave for one restore: kept until what the restore set aside is gone, and used for nothing else.</summary>
public sealed class LentLogin
{
    public required Guid Id { get; init; }

    public required Guid DatabaseId { get; init; }

    /// <summary>"db.example.org:5432".</summary>
    public required string Server { get; init; }

    public required string User { get; init; }

    /// <summary>The password, encrypted by <see cref="Databases.ISecretBox"/>.</summary>
    public required string Secret { get; init; }

    public required DateTimeOffset LentAt { get; init; }
}

internal sealed class LentLoginConfiguration : IEntityTypeConfiguration<LentLogin>
{
    public void Configure(EntityTypeBuilder<LentLogin> builder)
    {
        builder.ToTable("lent_logins");
        builder.Property(login => login.Server).HasMaxLength(300);
        builder.Property(login => login.User).HasMaxLength(200);
        builder.HasIndex(login => login.DatabaseId);
    }
}

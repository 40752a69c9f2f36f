using Dashboard.Core.Databases;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dashboard.Core.Health;

/// <summary>How somebody wants one check of one subject to be; without a row it is as it describes itself.</summary>
public sealed class HealthSetting
{
    public required Guid Id { get; init; }

    public required SubjectKind SubjectKind { get; init; }

    public required Guid SubjectId { get; init; }

    /// <summary><see cref="HealthDescription.Key"/>.</summary>
    public required string Check { get; init; }

    /// <summary>Not asked at all.</summary>
    public bool IsOff { get; set; }

    /// <summary>Null: as the check says itself.</summary>
    public bool? IsCritical { get; set; }

    /// <summary>That it does not pass is no news.</summary>
    public bool IsExpectedDown { get; set; }

    /// <summary>When that ends; null for until somebody says so.</summary>
    public DateTimeOffset? ExpectedUntil { get; set; }

    /// <summary>Why, for whoever looks next.</summary>
    public string? ExpectedWhy { get; set; }

    /// <summary>The values that differ from the defaults, as JSON; empty where none does.</summary>
    public string Values { get; set; } = "";

    /// <summary>Whether it is expected not to pass at this moment.</summary>
    public bool IsExpectedAt(DateTimeOffset now) => IsExpectedDown && (ExpectedUntil is null || now < ExpectedUntil);
}

internal sealed class HealthSettingConfiguration : IEntityTypeConfiguration<HealthSetting>
{
    public void Configure(EntityTypeBuilder<HealthSetting> builder)
    {
        builder.ToTable("health_settings");
        builder.Property(setting => setting.Check).HasMaxLength(40);
        builder.Property(setting => setting.ExpectedWhy).HasMaxLength(200);
        builder.HasIndex(setting => new { setting.SubjectKind, setting.SubjectId, setting.Check }).IsUnique();
    }
}

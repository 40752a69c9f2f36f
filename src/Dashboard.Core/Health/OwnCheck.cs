using Dashboard.Core.Databases;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dashboard.Core.Health;

/// <summary>A check that a person wrote: a question to a database, or a service that is to answer.</summary>
public sealed class OwnCheck
{
    public required Guid Id { get; init; }

    public required SubjectKind SubjectKind { get; init; }

    public required Guid SubjectId { get; init; }

    public required OwnCheckKind Kind { get; set; }

    public required string Title { get; set; }

    /// <summary>SQL, or for <see cref="OwnCheckKind.Service"/> the address. Holds no secret.</summary>
    public required string Question { get; set; }

    /// <summary>For <see cref="OwnCheckKind.Number"/>: the lowest that is right; null for any.</summary>
    public double? Low { get; set; }

    /// <summary>For <see cref="OwnCheckKind.Number"/>: the highest that is right; null for any.</summary>
    public double? High { get; set; }

    /// <summary>For <see cref="OwnCheckKind.Service"/>: the status that is right.</summary>
    public int Status { get; set; } = 200;

    /// <summary>For <see cref="OwnCheckKind.Service"/>: what must occur in the body; empty for nothing.</summary>
    public string Text { get; set; } = "";

    /// <summary>For <see cref="OwnCheckKind.Service"/>: from here on an answer is called slow.</summary>
    public int SlowMilliseconds { get; set; } = 1000;

    public int TimeoutSeconds { get; set; } = 10;

    public bool IsCritical { get; set; }

    /// <summary>What its results and its setting are kept by.</summary>
    public string Key => $"own:{Id:N}";
}

public enum OwnCheckKind
{
    /// <summary>SQL that must find no row.</summary>
    Nothing,

    /// <summary>SQL that finds one number, which must lie in a range.</summary>
    Number,

    /// <summary>An HTTP address that must answer.</summary>
    Service,
}

internal sealed class OwnCheckConfiguration : IEntityTypeConfiguration<OwnCheck>
{
    public void Configure(EntityTypeBuilder<OwnCheck> builder)
    {
        builder.ToTable("health_own_checks");
        builder.Ignore(check => check.Key);
        builder.Property(check => check.Title).HasMaxLength(120);
        builder.HasIndex(check => new { check.SubjectKind, check.SubjectId });
    }
}

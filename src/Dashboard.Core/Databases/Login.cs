using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dashboard.Core.Databases;

/// <summary>A user of a server with the password, in memory only: it is kept apart from locations, which are shown and logged.</summary>
/// <param name="Engine"><see cref="EngineDescription.Key"/>.</param>
/// <param name="Server">"db.example.org:5432".</param>
public sealed record Login(string Engine, string Server, string User, string Password)
{
    /// <summary>Without the password, wherever it may be written.</summary>
    public override string ToString() => $"{User}@{Server}";
}

/// <summary>A login as the store keeps it.</summary>
public sealed class StoredLogin
{
    public required Guid Id { get; init; }

    public required string Engine { get; init; }

    public required string Server { get; init; }

    public required string User { get; init; }

    /// <summary>The password, encrypted by <see cref="ISecretBox"/>.</summary>
    public required string Secret { get; set; }

    public required DateTimeOffset ChangedAt { get; set; }

    /// <summary>The registered place from where new databases of this login's server are looked for; null when they do not join by themselves.</summary>
    public string? JoinsFrom { get; set; }

    /// <summary>Whether those that join are backed up every night.</summary>
    public bool JoinsWithBackup { get; set; }

    /// <summary>Places that were there and not wanted when joining was turned on, one a line.</summary>
    public string NotWanted { get; set; } = "";
}

/// <summary>Encrypts what must not lie readable in the store. The keys lie beside the store, never in it.</summary>
public interface ISecretBox
{
    string Protect(string secret);

    /// <exception cref="DatabaseException">When the key that it was encrypted with is gone.</exception>
    string Unprotect(string secret);
}

/// <summary>Where engines find the passwords of logins that are registered.</summary>
public interface ILogins
{
    /// <summary>Null when no password is known, which a server may accept.</summary>
    /// <exception cref="DatabaseException">When it is known and can't be read.</exception>
    Task<string?> FindPasswordAsync(string engine, string server, string user, CancellationToken cancellationToken);
}

internal sealed class StoredLoginConfiguration : IEntityTypeConfiguration<StoredLogin>
{
    public void Configure(EntityTypeBuilder<StoredLogin> builder)
    {
        builder.ToTable("logins");
        builder.Property(login => login.Engine).HasMaxLength(20);
        builder.Property(login => login.Server).HasMaxLength(300);
        builder.Property(login => login.User).HasMaxLength(200);
        builder.HasIndex(login => new { login.Engine, login.Server, login.User }).IsUnique();
    }
}

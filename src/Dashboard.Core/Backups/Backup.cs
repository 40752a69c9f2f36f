using Dashboard.Core.Databases;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dashboard.Core.Backups;

/// <summary>A backup in the inventory: what its manifest says, and what has happened to it since.</summary>
public sealed class Backup
{
    public required Guid Id { get; init; }

    public required Guid DatabaseId { get; init; }

    /// <summary>The run that made it.</summary>
    public Guid? RunId { get; init; }

    public required BackupKind Kind { get; init; }

    /// <summary>Folder of the data file and its manifest.</summary>
    public required string Folder { get; set; }

    /// <summary>Name of the data file, and without its extensions of the backup.</summary>
    public required string FileName { get; init; }

    public required DateTimeOffset TakenAt { get; init; }

    public required TimeSpan Took { get; init; }

    public required string AskedBy { get; init; }

    public required Compression Compression { get; init; }

    /// <summary>Size of the data file.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>Size of the plain content.</summary>
    public required long ContentBytes { get; init; }

    /// <summary>SHA-256 of the data file, hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>SHA-256 of the plain content, hex.</summary>
    public required string ContentSha256 { get; init; }

    public required string EngineVersion { get; init; }

    /// <summary>Rows by table, JSON of <see cref="TableRows"/>.</summary>
    public required string Rows { get; init; }

    public required long RowTotal { get; init; }

    /// <summary>Null when the engine could not tell, and wherever it was not asked for.</summary>
    public BackupSizes? Sizes { get; init; }

    public required CheckLevel Level { get; set; }

    public required DateTimeOffset CheckedAt { get; set; }

    /// <summary>What keeps it from being good, in a sentence.</summary>
    public string? Problem { get; set; }

    /// <summary>What is worth knowing of it although it is good, a line each; null when there is nothing.</summary>
    public string? Notes { get; set; }

    /// <summary>Set while it lies in "Recently deleted".</summary>
    public DateTimeOffset? DeletedAt { get; set; }

    public string? DeletedBy { get; set; }

    /// <summary>How its data file was last seen; <see cref="WatchBackupFiles"/> keeps it.</summary>
    public BackupFile File { get; set; }

    /// <summary>Since when the file is not as it was written; null while it is.</summary>
    public DateTimeOffset? FileSince { get; set; }

    /// <summary>By <see cref="GoodBackup.Rule"/>.</summary>
    public bool IsGood => GoodBackup.Is(this);

    /// <summary>Where the data file is.</summary>
    public string FilePath => Path.Combine(Folder, FileName);

    /// <summary><see cref="Notes"/>, one by one.</summary>
    public IReadOnlyList<string> NoteList => Notes is null ? [] : Notes.Split('\n');

    /// <summary>As <see cref="Notes"/> keeps them: a line break within a note becomes a blank.</summary>
    internal static string? JoinNotes(IEnumerable<string> notes)
    {
        var lines = notes.Select(note => note.ReplaceLineEndings(" ")).Distinct().ToList();
        return lines.Count == 0 ? null : string.Join('\n', lines);
    }
}

/// <summary>How the data file of a backup was last seen. Only its name and size are looked at; what is in it, a check reads.</summary>
public enum BackupFile
{
    /// <summary>There, as long as it was written.</summary>
    Present = 0,

    /// <summary>Its folder is there, the file is not.</summary>
    Missing = 1,

    /// <summary>Its folder is not there or does not answer: a disk that is not mounted, a share that is away.</summary>
    Unreachable = 2,

    /// <summary>There, with another size than was written.</summary>
    Altered = 3,
}

public enum BackupKind
{
    /// <summary>Asked for, by a person or a schedule.</summary>
    Backup,

    /// <summary>The exact copy that a restore took before it; an ordinary backup once its undo window has closed.</summary>
    Undo,
}

public enum Compression
{
    /// <summary>A plain file that the engine's own tools open as it is.</summary>
    None,

    /// <summary>zstd level 1: quick.</summary>
    Fast,

    /// <summary>zstd level 9: smaller and some times slower.</summary>
    Small,
}

/// <summary>A restore into a live database, and whether it can still be taken back.</summary>
public sealed class Restore
{
    public required Guid Id { get; init; }

    public required Guid DatabaseId { get; init; }

    /// <summary>The backup whose content it brought back; empty when that was what an earlier restore had set aside, or came from elsewhere.</summary>
    public required Guid BackupId { get; init; }

    /// <summary>The exact copy of what was there before; null when the live database could not be read, or is itself kept.</summary>
    public Guid? UndoBackupId { get; init; }

    /// <summary>What was there before, where the engine keeps it beside the live database: the name of its <see cref="ContentPlace"/>.</summary>
    public string? Kept { get; init; }

    /// <summary>What it takes on the engine's disk; null when it could not be measured.</summary>
    public long? KeptBytes { get; set; }

    /// <summary>When it was removed, by schedule or by hand.</summary>
    public DateTimeOffset? KeptDroppedAt { get; set; }

    public required Guid RunId { get; init; }

    public required DateTimeOffset RestoredAt { get; init; }

    public required DateTimeOffset UndoUntil { get; set; }

    /// <summary>The run that took it back.</summary>
    public Guid? UndoneByRunId { get; set; }

    /// <summary>The <see cref="LentLogin"/> that undo and removal of what was set aside need; null where the database's own login is enough.</summary>
    public Guid? LoginId { get; init; }

    /// <summary>Set when this restore was itself an undo.</summary>
    public bool IsUndo { get; init; }

    /// <summary>Whether there is something to take it back with, however late it is.</summary>
    public bool HasUndo => UndoBackupId is not null || (Kept is not null && KeptDroppedAt is null);
}

internal sealed class BackupConfiguration : IEntityTypeConfiguration<Backup>
{
    public void Configure(EntityTypeBuilder<Backup> builder)
    {
        builder.ToTable("backups");
        builder.Ignore(backup => backup.IsGood);
        builder.Ignore(backup => backup.NoteList);
        builder.Ignore(backup => backup.FilePath);
        builder.Property(backup => backup.FileName).HasMaxLength(200);
        builder.Property(backup => backup.Sha256).HasMaxLength(64);
        builder.Property(backup => backup.ContentSha256).HasMaxLength(64);
        builder.Property(backup => backup.AskedBy).HasMaxLength(120);
        builder.HasIndex(backup => new { backup.DatabaseId, backup.TakenAt });
        builder.HasIndex(backup => backup.DeletedAt);
        builder.HasIndex(backup => new { backup.Folder, backup.FileName }).IsUnique();
        builder.HasOne<Database>().WithMany().HasForeignKey(backup => backup.DatabaseId).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class RestoreConfiguration : IEntityTypeConfiguration<Restore>
{
    public void Configure(EntityTypeBuilder<Restore> builder)
    {
        builder.ToTable("restores");
        builder.Ignore(restore => restore.HasUndo);
        builder.Property(restore => restore.Kept).HasMaxLength(200);
        builder.HasIndex(restore => new { restore.DatabaseId, restore.RestoredAt });
        builder.HasIndex(restore => restore.RunId).IsUnique();
    }
}

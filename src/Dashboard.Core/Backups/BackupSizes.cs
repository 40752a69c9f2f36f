using Dashboard.Core.Access;
using Dashboard.Core.Databases;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dashboard.Core.Backups;

/// <summary>What each table and index took when a backup was taken. Apart from the backup's own row, of which lists load hundreds.</summary>
public sealed class BackupSizes
{
    public Guid BackupId { get; init; }

    /// <summary>JSON of <see cref="StoredSize"/>.</summary>
    public required string Sizes { get; init; }
}

/// <summary>Exact sizes and rows of the moment of a backup.</summary>
public sealed record SizesAtBackup(DateTimeOffset TakenAt, IReadOnlyList<StoredSize> Sizes, IReadOnlyList<TableRows> Rows)
{
    private readonly Dictionary<string, long> _data = Sizes.Where(size => size.Table is null).ToDictionary(size => size.Name, size => size.Bytes, StringComparer.Ordinal);
    private readonly Dictionary<string, long> _indexes = Sizes.Where(size => size.Table is not null).ToDictionary(size => size.Name, size => size.Bytes, StringComparer.Ordinal);
    private readonly ILookup<string, long> _byTable = Sizes.Where(size => size.Table is not null).ToLookup(size => size.Table!, size => size.Bytes, StringComparer.Ordinal);
    private readonly Dictionary<string, long> _rows = Rows.ToDictionary(table => table.Table, table => table.Rows, StringComparer.Ordinal);

    public long? DataBytes(string table) => _data.TryGetValue(table, out var bytes) ? bytes : null;

    /// <summary>Of all indexes of a table that was there.</summary>
    public long? IndexBytes(string table) => _data.ContainsKey(table) ? _byTable[table].Sum() : null;

    public long? BytesOfIndex(string index) => _indexes.TryGetValue(index, out var bytes) ? bytes : null;

    public long? RowsOf(string table) => _rows.TryGetValue(table, out var rows) ? rows : null;
}

public sealed class ReadSizes(IDbContextFactory<DashboardStore> stores)
{
    /// <summary>Of the newest backup that has them; null when none has.</summary>
    public async Task<SizesAtBackup?> LastAsync(Actor actor, Guid databaseId, CancellationToken cancellationToken)
    {
        Permit.Demand(actor, Verb.SeeBackups, Subject.Database(databaseId));
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var last = await store.Backups.AsNoTracking()
            .Where(backup => backup.DatabaseId == databaseId && backup.Kind == BackupKind.Backup && backup.Sizes != null)
            .OrderByDescending(backup => backup.TakenAt)
            .Select(backup => new { backup.TakenAt, backup.Rows, backup.Sizes!.Sizes })
            .FirstOrDefaultAsync(cancellationToken);
        return last is null ? null : new SizesAtBackup(last.TakenAt, StoredSizes.Read(last.Sizes), TableCounts.Read(last.Rows));
    }
}

internal sealed class BackupSizesConfiguration : IEntityTypeConfiguration<BackupSizes>
{
    public void Configure(EntityTypeBuilder<BackupSizes> builder)
    {
        builder.ToTable("backup_sizes");
        builder.HasKey(sizes => sizes.BackupId);
        builder.HasOne<Backup>().WithOne(backup => backup.Sizes).HasForeignKey<BackupSizes>(sizes => sizes.BackupId).OnDelete(DeleteBehavior.Cascade);
    }
}

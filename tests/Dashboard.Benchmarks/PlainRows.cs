using Microsoft.EntityFrameworkCore;

namespace Dashboard.Benchmarks;

/// <summary>Samples as EF Core would keep them: what bar 16 is compared to.</summary>
internal sealed class PlainRows(string file) : DbContext
{
    public DbSet<PlainRow> Rows => Set<PlainRow>();

    protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) => optionsBuilder.UseSqlite($"Data Source={file}");

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<PlainRow>().HasIndex(row => new { row.Series, row.At }).IsUnique();
}

internal sealed class PlainRow
{
    public long Id { get; set; }

    public long Series { get; set; }

    public long At { get; set; }

    public double Value { get; set; }
}

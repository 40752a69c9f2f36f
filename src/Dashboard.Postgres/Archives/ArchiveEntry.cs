namespace Dashboard.Postgres.Archives;

/// <summary>One object of an archive's table of contents, as pg_restore --verbose writes it.</summary>
/// <param name="Id">By which --use-list picks it.</param>
/// <param name="Kind">"TABLE", "EVENT TRIGGER".</param>
/// <param name="Name">As the archive shows it: line breaks are spaces.</param>
/// <param name="Owner">Null where the archive names none.</param>
/// <param name="Needs">Entries that must be there before it.</param>
/// <param name="Sql">All statements of it.</param>
internal sealed record ArchiveEntry(int Id, string Kind, string? Schema, string Name, string? Owner, string? Tablespace, IReadOnlyList<int> Needs, string Sql)
{
    /// <summary>"app.orders".</summary>
    public string Title => Schema is null or "public" ? Name : $"{Schema}.{Name}";
}

namespace Dashboard.Postgres.Archives;

/// <summary>Something that pg_restore would have to compute with an empty search_path, through a function that names things without their schema.</summary>
/// <param name="Id">Its entry.</param>
/// <param name="Title">"Index app.doc_idx".</param>
/// <param name="Table">Of whose rows it is computed, for SQL; null where it is computed without any.</param>
/// <param name="Routine">"app.f_unaccent(text)".</param>
/// <param name="Names">Of which one that the server does not find in pg_catalog is enough to stop the restore.</param>
internal sealed record PathSuspect(int Id, string Title, string? Table, string Routine, bool CanBeLeftOut, IReadOnlyList<UnqualifiedName> Names);

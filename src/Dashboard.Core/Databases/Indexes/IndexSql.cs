namespace Dashboard.Core.Databases.Indexes;

/// <summary>Statements to copy, in the SQL that every engine understands. They are never run by this product. Pure.</summary>
public static class IndexSql
{
    public static string Drop(IndexFacts index)
    {
        ArgumentNullException.ThrowIfNull(index);
        return $"DROP INDEX {index.SqlName ?? Quoted(index.Name)};";
    }

    public static string Create(ForeignKeyFacts key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return $"CREATE INDEX {Quoted($"{key.Table}_by_{string.Join('_', key.Columns)}")} ON {key.SqlTable ?? Quoted(key.Table)} ({string.Join(", ", key.Columns.Select(Quoted))});";
    }

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}

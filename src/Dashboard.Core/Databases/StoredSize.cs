using System.Text.Json;

namespace Dashboard.Core.Databases;

/// <summary>What a table or an index takes in a plain copy, exactly.</summary>
/// <param name="Table">Of an index, the table that it belongs to; null for a table.</param>
public sealed record StoredSize(string Name, string? Table, long Bytes);

/// <summary>Sizes as the store keeps them.</summary>
public static class StoredSizes
{
    public static string Write(IReadOnlyList<StoredSize> sizes) => JsonSerializer.Serialize(sizes);

    public static IReadOnlyList<StoredSize> Read(string json) => JsonSerializer.Deserialize<List<StoredSize>>(json) ?? [];
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dashboard.Sqlite.Restores;

/// <summary>
/// What tells afterwards whether a restore committed: SQLite gives the restored database the schema version of the one
/// that it replaced, plus one.
/// </summary>
/// <param name="SchemaVersion">Of the live database, read while it was frozen; null when it could not be read.</param>
/// <param name="Schema">Hash of the schema that is restored.</param>
internal sealed record RestoreMark(int? SchemaVersion, string Schema)
{
    public string ToJson() => JsonSerializer.Serialize(this, RestoreMarkJson.Default.RestoreMark);

    public static RestoreMark? FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, RestoreMarkJson.Default.RestoreMark);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSerializable(typeof(RestoreMark))]
internal sealed partial class RestoreMarkJson : JsonSerializerContext;

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dashboard.Postgres.Archives;

/// <summary>What restoring an archive asks of a login and a server: what a plan compares with them. Kept as text among what tells a backup from others.</summary>
/// <param name="Roles">All that it names.</param>
/// <param name="Secrets">Passwords in clear text, a sentence each.</param>
internal sealed record ArchiveContents(
    IReadOnlyList<Demand> Demands,
    IReadOnlyList<string> Roles,
    IReadOnlyDictionary<string, string> SchemaOwners,
    IReadOnlyList<string> Secrets,
    IReadOnlyList<PathSuspect> Suspects)
{
    public const string Key = "contents";

    private static readonly JsonSerializerOptions Json = new() { Converters = { new JsonStringEnumConverter() } };

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Null when nobody has read them.</summary>
    public static ArchiveContents? Read(IReadOnlyDictionary<string, string> identity) =>
        identity.TryGetValue(Key, out var json) ? JsonSerializer.Deserialize<ArchiveContents>(json, Json) : null;

    public static ArchiveContents Of(IReadOnlyList<ArchiveEntry> entries) => new(
        ListDemands.Run(entries),
        NamedRoles.In(entries),
        entries.Where(entry => entry is { Kind: "SCHEMA", Owner: not null }).GroupBy(entry => entry.Name).ToDictionary(group => group.Key, group => group.First().Owner!, StringComparer.Ordinal),
        FindSecrets.Run(entries),
        FindPathSuspects.Run(entries));

    /// <summary>Null where the archive does not make the schema.</summary>
    public string? OwnerOf(string schema) => SchemaOwners.TryGetValue(schema, out var owner) ? owner : null;
}

/// <summary>What one object, or several of one kind, need to be made.</summary>
/// <param name="Name">Of what is needed: the extension, the role, the tablespace, the parameter, the language.</param>
/// <param name="Schema">In which a role must be able to create; null elsewhere.</param>
/// <param name="TakesAlong">What would be left out with them, because it needs them.</param>
/// <param name="AlongIds">The same as entries, with comments and rights.</param>
/// <param name="HoldsRows">Whether rows would be left out with them: then they never are.</param>
internal sealed record Demand(DemandKind Kind, IReadOnlyList<Thing> Things, string Name, string? Schema, IReadOnlyList<string> TakesAlong, IReadOnlyList<int> AlongIds, bool HoldsRows);

/// <param name="Id">Of its entry.</param>
/// <param name="Title">"table app.orders".</param>
internal sealed record Thing(int Id, string Title);

internal enum DemandKind
{
    /// <summary>Only a superuser makes these.</summary>
    Superuser,

    Extension,

    /// <summary>A function in a language that may not be trusted.</summary>
    Language,

    /// <summary>A role that things belong to, or whose default rights are set.</summary>
    Owner,

    /// <summary>An owner that must be able to create in a schema, before any rights are there.</summary>
    CreateIn,

    /// <summary>An owner of publications, that must be able to create in the database.</summary>
    CreateInDatabase,

    Tablespace,

    /// <summary>A parameter that a function brings along.</summary>
    Parameter,

    /// <summary>Rights that a role has passed on: made as that role.</summary>
    GrantedBy,

    Subscription,
}

using Dashboard.Core.Databases;
using Dashboard.Postgres.Schemas;

namespace Dashboard.Postgres.Locations;

/// <summary>A role that owns things.</summary>
internal sealed record OwnerRole(string Name, bool IsSuperuser);

/// <summary>What to grant to a login that lacks something. Membership in a superuser is never advised: it would make the login one.</summary>
internal static class Advice
{
    public static string Join(string user, OwnerRole owner) => owner.IsSuperuser
        ? $"{owner.Name} is a superuser: give its objects to another role, or give another login for the restore."
        : $"GRANT {TableName.Quote(owner.Name)} TO {TableName.Quote(user)}; or give another login for the restore.";

    /// <summary>"3 large objects of shop_owner (16401, 16402, 16403)".</summary>
    public static string Name(LargeObjectsOf objects) =>
        $"{Words.Count(objects.Count, "large object")} of {objects.Owner.Name} ({string.Join(", ", objects.Ids)}{(objects.Count > objects.Ids.Count ? ", …" : "")})";

    /// <summary>What lets a login read them.</summary>
    public static string Read(string user, LargeObjectsOf objects) =>
        (objects.Owner.IsSuperuser || !objects.OwnerReads) && objects.Count > objects.Ids.Count
            ? $"In psql: SELECT format('GRANT SELECT ON LARGE OBJECT %s TO %I', oid, '{user.Replace("'", "''", StringComparison.Ordinal)}') FROM pg_largeobject_metadata \\gexec"
        : objects.Owner.IsSuperuser || !objects.OwnerReads ? $"GRANT SELECT ON LARGE OBJECT {string.Join(", ", objects.Ids)} TO {TableName.Quote(user)}."
        : $"GRANT {TableName.Quote(objects.Owner.Name)} TO {TableName.Quote(user)}.";

    public static string Own(string user, string database, string owner, bool isSuperuser) => isSuperuser
        ? $"It belongs to {owner}, a superuser: ALTER DATABASE {TableName.Quote(database)} OWNER TO a role that {user} is a member of, or give another login for the restore."
        : $"GRANT {TableName.Quote(owner)} TO {TableName.Quote(user)}; or give another login for the restore.";
}

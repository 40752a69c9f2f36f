using Dashboard.Core.Databases;
using Dashboard.Postgres.Schemas;
using Dashboard.Postgres.Tools;

namespace Dashboard.Postgres.Locations;

/// <summary>What each part of the product needs of a login, and whether it is there, in words. Pure but for the tools that are installed.</summary>
internal static class JudgeLogin
{
    public static IReadOnlyList<LocationAbility> Abilities(LoginLook look, FindTools tools) =>
    [
        See(look),
        BackUp(look, tools),
        Restore(look),
        Maintain(look),
    ];

    private static LocationAbility See(LoginLook look) => look.MayMonitor || look.IsSuperuser
        ? new("See", LocationVerdict.Good, "Sizes, tables, indexes, sessions of everybody.")
        : new("See", LocationVerdict.Warning, "Sizes, tables and indexes; of the sessions of others only how many. Needs membership in pg_monitor for the rest.");

    private static LocationAbility BackUp(LoginLook look, FindTools tools)
    {
        try
        {
            tools.ForServer(look.VersionNumber);
        }
        catch (DatabaseException missing)
        {
            return new LocationAbility("Back up", LocationVerdict.Refused, $"{missing.Message} {missing.NextStep}");
        }

        return look.Unreadable.Count > 0
            ? new("Back up", LocationVerdict.Refused, $"It may not read {Words.List(look.Unreadable, 3)}. Needs membership in pg_read_all_data, or SELECT on every table.")
            : look.RowSecured.Count > 0
                ? new("Back up", LocationVerdict.Refused, $"Row security hides rows of {Words.List(look.RowSecured, 3)} from it. Needs BYPASSRLS.")
                : new("Back up", LocationVerdict.Good, "Reads every table.");
    }

    private static LocationAbility Restore(LoginLook look)
    {
        if (look.IsStandby)
        {
            return new LocationAbility("Restore", LocationVerdict.Refused, "A standby can't be written. Restore on its primary.");
        }

        if (look.IsSuperuser)
        {
            return new LocationAbility("Restore with undo", LocationVerdict.Good, "Builds the new database beside and changes the names.");
        }

        List<string> missing = [];
        if (!look.CanCreateDatabases)
        {
            missing.Add("CREATEDB");
        }

        if (!look.OwnsDatabase)
        {
            missing.Add($"membership in {TableName.Quote(look.Owner)}, which owns the database");
        }

        if (look.OwnersNotHeld.Count > 0)
        {
            missing.Add($"membership in {Words.List([.. look.OwnersNotHeld.Select(TableName.Quote)], 3)}, which own tables");
        }

        return missing.Count == 0
            ? new("Restore with undo", LocationVerdict.Good, "Builds the new database beside and changes the names." + (look.MaySignal ? "" : " Sessions of others must be ended by hand: needs pg_signal_backend to end them."))
            : new("Restore with undo", LocationVerdict.Warning, $"Needs {string.Join(", and ", missing)}.");
    }

    private static LocationAbility Maintain(LoginLook look) => look.NotOwned == 0 || look.IsSuperuser
        ? new("Vacuum, analyze, reindex", LocationVerdict.Good, "Owns every table.")
        : new("Vacuum, analyze, reindex", LocationVerdict.Warning, $"Skips {Words.Count(look.NotOwned, "table")} of others. Needs to own them{(look.VersionNumber >= 170000 ? ", or membership in pg_maintain" : "")}.");
}

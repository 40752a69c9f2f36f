using Dashboard.Core.Databases;
using Dashboard.Postgres.Schemas;
using Dashboard.Postgres.Tools;

namespace Dashboard.Postgres.Locations;

/// <summary>What each part of the product needs of a login, and whether it is there, in words. Pure but for the tools that are installed.</summary>
internal static class JudgeLogin
{
    private const int MostSentences = 3;

    public static IReadOnlyList<LocationAbility> Abilities(LoginLook look, FindTools tools) =>
    [
        See(look),
        BackUp(look, tools),
        Restore(look, tools),
        Maintain(look),
    ];

    /// <summary>Why every backup would fail; null when it would not.</summary>
    public static string? NoBackupBecause(LoginLook look, FindTools tools) => BackUp(look, tools) is { Verdict: LocationVerdict.Refused } refused ? refused.Words : null;

    private static string? MissingTools(LoginLook look, FindTools tools)
    {
        try
        {
            tools.ForServer(look.VersionNumber);
            return null;
        }
        catch (DatabaseException missing)
        {
            return $"{missing.Message} {missing.NextStep}";
        }
    }

    private static LocationAbility See(LoginLook look) => look.MayMonitor || look.IsSuperuser
        ? new("See", LocationVerdict.Good, "Sizes, tables, indexes, sessions of everybody.")
        : new("See", LocationVerdict.Warning, "Sizes, tables and indexes; of the sessions of others only how many. Needs membership in pg_monitor for the rest.");

    private static LocationAbility BackUp(LoginLook look, FindTools tools)
    {
        return MissingTools(look, tools) is { } missing ? new("Back up", LocationVerdict.Refused, missing)
            : look.Unreadable.Count > 0
            ? new("Back up", LocationVerdict.Refused, $"It may not read {Words.List(look.Unreadable, 3)}. Needs membership in pg_read_all_data, or SELECT on every table.")
            : look.RowSecured.Count > 0 ? new("Back up", LocationVerdict.Refused, $"Row security hides rows of {Words.List(look.RowSecured, 3)} from it. Needs BYPASSRLS.")
            : look.LargeObjects.Count > 0 ? new("Back up", LocationVerdict.Refused, $"May not read {string.Join("; ", look.LargeObjects.Select(Advice.Name))}. {string.Join(" ", look.LargeObjects.Select(objects => Advice.Read(look.User, objects)))}")
            : NotInBackup(look) is { } left ? new("Back up", LocationVerdict.Warning, $"Reads every table. {left}")
            : new("Back up", LocationVerdict.Good, look.IsStandby ? "Reads every table. The primary is not slowed down; a long dump can be cancelled by replication (max_standby_streaming_delay)." : "Reads every table.");
    }

    /// <summary>What a dump by this login leaves out without stopping.</summary>
    private static string? NotInBackup(LoginLook look)
    {
        List<string> left = [.. look.HiddenMappings.Select(mapping => $"options of the user mapping of {mapping}"), .. look.Subscriptions.Select(subscription => $"subscription {subscription}")];
        return left.Count == 0 ? null : $"Not in its backups, for only a superuser may read it: {Words.List(left, 3)}.";
    }

    private static LocationAbility Restore(LoginLook look, FindTools tools)
    {
        var ability = RestoreOfLogin(look);
        return ability.Verdict == LocationVerdict.Refused ? ability
            : MissingTools(look, tools) is { } missing ? new LocationAbility(ability.Feature, LocationVerdict.Refused, missing)
            : NoBackupBecause(look, tools) is not null && ability.Verdict == LocationVerdict.Good ? new LocationAbility(ability.Feature, LocationVerdict.Warning, "Only older backups and external dumps, until backing up works.")
            : ability;
    }

    private static LocationAbility RestoreOfLogin(LoginLook look)
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
            missing.Add(look.IsOwnerSuperuser
                ? $"an owner of the database that is no superuser, and membership in it (now {TableName.Quote(look.Owner)})"
                : $"membership in {TableName.Quote(look.Owner)}, which owns the database");
        }

        if (look.OwnersNotHeld.Where(owner => !owner.IsSuperuser && owner.Name != look.Owner).Select(owner => TableName.Quote(owner.Name)).ToList() is { Count: > 0 } owners)
        {
            missing.Add($"membership in {Words.List(owners, 3)}, which own things in it");
        }

        List<string> sentences = missing.Count == 0 ? [] : [$"Needs {string.Join(", and ", missing)}."];
        if (look.OwnersNotHeld.Where(owner => owner.IsSuperuser).Select(owner => owner.Name).ToList() is { Count: > 0 } superusers)
        {
            sentences.Add($"Things that belong to {Words.List(superusers, 3)}, a superuser, can't be given back to it: owners can be left out.");
        }

        sentences.AddRange(look.DatabaseGaps.Take(MostSentences).Select(gap => $"{gap.Problem} {gap.Cure}"));
        if (look.OnlyOfSuperusers.Count > 0)
        {
            sentences.Add($"Only a superuser can restore {Words.List(look.OnlyOfSuperusers, 5)}: give another login for the restore, or leave out what nothing needs.");
        }

        if (!look.IsRestoreKnown)
        {
            sentences.Add("What else a restore needs could not be read in time; the plan of a restore names it.");
        }

        return sentences.Count == 0
            ? new("Restore with undo", LocationVerdict.Good, "Builds the new database beside and changes the names." + (look.MaySignal ? "" : " Sessions of others must be ended by hand: needs pg_signal_backend to end them."))
            : new("Restore with undo", LocationVerdict.Warning, string.Join(" ", sentences));
    }

    private static LocationAbility Maintain(LoginLook look) => look.IsStandby
        ? new("Vacuum, analyze, reindex", LocationVerdict.Refused, "A standby can't be written. Its primary is maintained, and the result is replicated. Foreign keys and indexes can be checked here.")
        : look.NotOwned == 0 || look.IsSuperuser
        ? new("Vacuum, analyze, reindex", LocationVerdict.Good, "Owns every table.")
        : new("Vacuum, analyze, reindex", LocationVerdict.Warning, $"Skips {Words.Count(look.NotOwned, "table")} of others. Needs to own them{(look.VersionNumber >= 170000 ? ", or membership in pg_maintain" : "")}.");
}

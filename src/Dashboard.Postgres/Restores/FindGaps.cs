using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Postgres.Archives;
using Dashboard.Postgres.Schemas;

namespace Dashboard.Postgres.Restores;

/// <summary>What of an archive a login can't restore, each by its name with what to do: asked of the archive's own contents. Pure.</summary>
internal sealed class FindGaps(string user, ArchiveContents contents, RestoreFacts facts)
{
    private const string OrAnotherLogin = "or give another login for this restore";
    private const string AnotherLogin = "Give another login for this restore.";
    private const int FirstWithClosedPublic = 150000;
    private const int FirstWithSubscriptionRole = 160000;

    private string Login => TableName.Quote(user);

    /// <summary>What can be left out, or needs another login.</summary>
    public IReadOnlyList<Gap> All()
    {
        List<Gap> gaps = [];
        if (facts.IsSuperuser)
        {
            gaps.AddRange(contents.Demands.Where(demand => demand.Kind == DemandKind.Tablespace && !facts.Tablespaces.ContainsKey(demand.Name)).Select(Tablespace));
            return gaps;
        }

        foreach (var demand in contents.Demands)
        {
            if (GapOf(demand) is { } gap)
            {
                gaps.Add(gap);
            }
        }

        return gaps;
    }

    /// <summary>What is solved by leaving out owners and rights, a sentence each.</summary>
    public IReadOnlyList<string> Owners()
    {
        List<string> problems = [];
        var missing = contents.Roles.Where(role => !facts.Roles.ContainsKey(role)).ToList();
        if (missing.Count > 0)
        {
            problems.Add($"The server has no {(missing.Count == 1 ? "role" : "roles")} {Words.List(missing, 5)}, which the backup names. Create what is missing; the file ending .roles.sql beside a backup shows how.");
        }

        if (!facts.IsSuperuser)
        {
            // What is left out, or waits for another login, needs no owner.
            var left = contents.Demands.Where(demand => GapOf(demand) is { IsTablespace: false }).SelectMany(demand => demand.Things.Select(thing => thing.Id).Concat(demand.AlongIds)).ToHashSet();
            problems.AddRange(contents.Demands
                .Select(demand => demand with { Things = [.. demand.Things.Where(thing => !left.Contains(thing.Id))] })
                .Where(demand => demand.Things.Count > 0)
                .Select(OwnerProblem)
                .OfType<string>());
        }

        return problems;
    }

    private Gap? GapOf(Demand demand) => demand.Kind switch
    {
        DemandKind.Superuser => Make(demand, $"{Things(demand)}: only a superuser can create it.", AnotherLogin),
        DemandKind.Extension when facts.Extensions.TryGetValue(demand.Name, out var extension) && extension.NeedsSuperuser =>
            Make(demand, $"Extension {demand.Name} is not trusted: only a superuser can create it.", AnotherLogin) with { Extension = demand.Name },
        DemandKind.Language => Make(demand, $"{Things(demand)}: only a superuser can create functions in the language {demand.Name}.", AnotherLogin),
        DemandKind.Tablespace when !(facts.Tablespaces.TryGetValue(demand.Name, out var isAllowed) && isAllowed) => Tablespace(demand),
        DemandKind.Parameter when facts.ForbiddenParameters.Contains(demand.Name) =>
            Make(demand, $"{Things(demand)}: {user} may not set the parameter {demand.Name}, which belongs to the definition.", SettingCure(demand.Name)),
        DemandKind.Subscription when !facts.MayMakeSubscriptions => Subscription(demand),
        _ => null,
    };

    /// <summary>No copy has any, and what is restored in place keeps those that are there.</summary>
    private Gap Subscription(Demand demand)
    {
        var cure = facts.VersionNumber >= FirstWithSubscriptionRole ? $"GRANT pg_create_subscription TO {Login}, {OrAnotherLogin}." : AnotherLogin;
        return Make(demand, $"Subscription {demand.Name}: {user} may not create one.", cure) with { IsOfLiveOnly = true, IsOfNewOnly = true };
    }

    private string SettingCure(string parameter) => SettingCure(facts.VersionNumber, parameter, user);

    public static string SettingCure(int version, string parameter, string user) =>
        version >= 150000 ? $"GRANT SET ON PARAMETER {(parameter.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '.') ? parameter : TableName.Quote(parameter))} TO {TableName.Quote(user)}, {OrAnotherLogin}." : AnotherLogin;

    private Gap Tablespace(Demand demand) => new(
        $"Tablespace {demand.Name} {(facts.Tablespaces.ContainsKey(demand.Name) ? $"may not be used by {user}" : "does not exist on the server")}: {Words.List(Titles(demand), 3)}.",
        facts.Tablespaces.ContainsKey(demand.Name) ? $"GRANT CREATE ON TABLESPACE {TableName.Quote(demand.Name)} TO {Login}, {OrAnotherLogin}." : $"Create the tablespace {demand.Name} on the server.",
        "Left out, everything goes to the database's own tablespace.",
        CanBeLeftOut: true,
        [],
        IsTablespace: true);

    private static Gap Make(Demand demand, string problem, string cure) => new(
        problem,
        cure,
        demand.HoldsRows ? $"It can't be left out: {Words.List(demand.TakesAlong, 3)} need it." : demand.TakesAlong.Count > 0 ? $"Left out, so is what needs it: {Words.List(demand.TakesAlong, 10)}." : null,
        !demand.HoldsRows,
        [.. demand.Things.Select(thing => thing.Id)],
        IsTablespace: false);

    private string? OwnerProblem(Demand demand) => demand.Kind switch
    {
        DemandKind.Owner when facts.Roles.TryGetValue(demand.Name, out var role) && !role.IsHeld => role.IsSuperuser
            ? $"{Things(demand)} {(Titles(demand).Count == 1 ? "belongs" : "belong")} to {demand.Name}, a superuser: {user} can't give it back. Change the owner and back up again, {OrAnotherLogin}."
            : $"{Things(demand)} {(Titles(demand).Count == 1 ? "belongs" : "belong")} to {demand.Name}, and {user} is no member of it. GRANT {TableName.Quote(demand.Name)} TO {Login}, {OrAnotherLogin}.",
        DemandKind.GrantedBy when facts.Roles.TryGetValue(demand.Name, out var grantor) && demand.Name != user && !grantor.IsSuperuser =>
            $"Rights ({Words.List(Titles(demand), 3)}) were granted by {demand.Name}, which only a superuser can repeat. {AnotherLogin}",
        DemandKind.CreateIn when MayNotCreate(demand, out var of) && of is { } schemaOwner =>
            $"{demand.Name}, who owns {Words.List(Titles(demand), 3)}, can't create in the schema {demand.Schema} while it is restored: rights come last. {Joining(demand.Name, schemaOwner)}",
        DemandKind.CreateInDatabase when !IsSuperuser(demand.Name) && demand.Name != facts.DatabaseOwner && !facts.Members.Contains((demand.Name, facts.DatabaseOwner)) =>
            $"{demand.Name}, who owns {Words.List(Titles(demand), 3)}, can't create in the database while it is restored: rights come last. {Joining(demand.Name, facts.DatabaseOwner)}",
        _ => null,
    };

    private bool MayNotCreate(Demand demand, out string? schemaOwner)
    {
        schemaOwner = contents.OwnerOf(demand.Schema!) ?? (demand.Schema == "public" ? facts.DatabaseOwner : null);
        var isOpen = demand.Schema == "public" && contents.OwnerOf("public") is null && facts.VersionNumber < FirstWithClosedPublic;
        return schemaOwner is not null && !isOpen && demand.Name != schemaOwner && !IsSuperuser(demand.Name) && facts.Roles.ContainsKey(demand.Name) && !facts.Members.Contains((demand.Name, schemaOwner));
    }

    private bool IsSuperuser(string role) => facts.Roles.TryGetValue(role, out var fact) && fact.IsSuperuser;

    /// <summary>Nobody is ever told to make somebody a member of a superuser.</summary>
    private string Joining(string role, string owner) =>
        IsSuperuser(owner) ? AnotherLogin : $"GRANT {TableName.Quote(owner)} TO {TableName.Quote(role)}, {OrAnotherLogin}.";

    private static List<string> Titles(Demand demand) => [.. demand.Things.Select(thing => thing.Title).Distinct()];

    private static string Things(Demand demand) => Capital(Words.List(Titles(demand), 3));

    private static string Capital(string words) => char.ToUpperInvariant(words[0]) + words[1..];
}

/// <param name="LeftOut">What leaving it out means; null when nothing else goes with it.</param>
/// <param name="Ids">Entries to leave out.</param>
internal sealed record Gap(string Problem, string Cure, string? LeftOut, bool CanBeLeftOut, IReadOnlyList<int> Ids, bool IsTablespace)
{
    /// <summary>Whether it concerns only what belongs to the live database and no copy of it.</summary>
    public bool IsOfLiveOnly { get; init; }

    /// <summary>Whether it concerns a new database only, and no restore in place.</summary>
    public bool IsOfNewOnly { get; init; }

    /// <summary>The extension that it is about; null for anything else.</summary>
    public string? Extension { get; init; }

    public RestoreGap ToPlan() => new(Problem, Cure, CanBeLeftOut) { LeftOut = LeftOut, IsOfLiveOnly = IsOfLiveOnly };
}

using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Postgres.Archives;
using Dashboard.Postgres.Backups;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Restores;

/// <summary>What a backup holds, compared with what a login may do on the server: before anything runs, and of the backup itself, not of the live database.</summary>
/// <param name="Gaps">What it can't restore.</param>
/// <param name="Owners">Why owners and rights can't be as the backup has them.</param>
/// <param name="Warnings">What is worth knowing although it will be restored.</param>
internal sealed record CompareContents(IReadOnlyList<Gap> Gaps, IReadOnlyList<string> Owners, IReadOnlyList<string> Warnings)
{
    public static async Task<CompareContents> RunAsync(NpgsqlConnection maintenance, PostgresLocation at, IReadOnlyDictionary<string, string> identity, CancellationToken cancellationToken) =>
        ArchiveContents.Read(identity) is { } contents ? await RunAsync(maintenance, at, contents, identity, cancellationToken)
        : identity.TryGetValue(RestoreOutlook.ContentsProblem, out var problem) ? new CompareContents([], [], [$"What the backup holds could not be read: {problem} Whether {at.User} can restore all of it is not known."])
        : new CompareContents([], [], []);

    /// <param name="identity">Of the backup; without it whoever owned its extensions is not known.</param>
    public static async Task<CompareContents> RunAsync(NpgsqlConnection maintenance, PostgresLocation at, ArchiveContents contents, IReadOnlyDictionary<string, string> identity, CancellationToken cancellationToken)
    {
        var facts = await RestoreFacts.ReadAsync(maintenance, at, contents, cancellationToken);
        var find = new FindGaps(at.User, contents, facts);
        var faults = await JudgePathSuspects.RunAsync(maintenance, contents.Suspects, cancellationToken);
        return new CompareContents(
            [
                .. find.All(),
                .. (await Settings.FindGapsAsync(maintenance, at, cancellationToken)).Select(setting => setting.Gap),
                .. await Blueprint.FindTablespaceGapAsync(maintenance, at, cancellationToken) is { } gap ? [gap] : Array.Empty<Gap>(),
                .. faults.Where(fault => fault.Suspect.Table is null).Select(GapOf),
            ],
            find.Owners(),
            [
                .. contents.Secrets,
                .. faults.Where(fault => fault.Suspect.Table is not null).Select(fault => $"Unless its table is empty: {fault.Problem} {fault.Cure}"),
                .. ExtensionsOfOthers(at.User, contents, BackupIdentity.ReadExtensionOwners(identity)) is { } owners ? [owners] : Array.Empty<string>(),
            ]);
    }

    private static Gap GapOf(PathFault fault) => new(fault.Problem, fault.Cure, null, fault.Suspect.CanBeLeftOut, [fault.Suspect.Id], IsTablespace: false);

    /// <summary>An extension belongs to whoever makes it, and there is no statement that gives it to somebody else.</summary>
    private static string? ExtensionsOfOthers(string user, ArchiveContents contents, IReadOnlyDictionary<string, string> owners)
    {
        var others = contents.Demands.Where(demand => demand.Kind == DemandKind.Extension && owners.TryGetValue(demand.Name, out var owner) && owner != user).Select(demand => demand.Name).ToList();
        return others.Count == 0 ? null
            : $"{(others.Count == 1 ? "The extension" : "The extensions")} {Words.List(others, 10)} will belong to {user}; in the backup {(others.Count == 1 ? "it belongs" : "they belong")} to {Words.List([.. others.Select(name => owners[name]).Distinct()], 3)}.";
    }
}

using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Dashboard.Postgres.Archives;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Tools;
using Npgsql;

namespace Dashboard.Postgres.Restores;

/// <summary>What is left out of a restore: entries with all that needs them, and the tablespaces of tables.</summary>
/// <param name="Words">A sentence for each, for the result of the run.</param>
internal sealed partial record LeaveOut(IReadOnlySet<int> Ids, bool Tablespaces, IReadOnlyList<string> Words)
{
    /// <summary>What is there already: left out without what needs it, and with what is said of it alone.</summary>
    private IReadOnlySet<int> Kept { get; init; } = new HashSet<int>();

    /// <summary>What of an archive this login can't restore, as far as it can be left out; nothing where that is not wanted.</summary>
    /// <param name="there">Extensions of the database that is restored in place; null for a new one.</param>
    public static async Task<LeaveOut> OfAsync(NpgsqlConnection maintenance, PostgresLocation at, string file, bool isWanted, FindTools tools, CancellationToken cancellationToken, IReadOnlyCollection<string>? there = null)
    {
        if (!isWanted)
        {
            return Nothing;
        }

        await using var content = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 0);
        var contents = ArchiveContents.Of(await ReadEntries.RunAsync(content, tools, cancellationToken));
        return Of((await CompareContents.RunAsync(maintenance, at, contents, new Dictionary<string, string>(), cancellationToken)).Gaps.Where(gap => !gap.IsOfLiveOnly && !(there is not null && (gap.IsOfNewOnly || (gap.Extension is { } extension && there.Contains(extension))))));
    }

    /// <summary>Without entries that are in the database already.</summary>
    public LeaveOut Keeping(IReadOnlySet<int> kept) => this with { Kept = kept };

    public static LeaveOut Nothing { get; } = new(new HashSet<int>(), false, []);

    public static LeaveOut Of(IEnumerable<Gap> gaps)
    {
        var left = gaps.Where(gap => gap.CanBeLeftOut).ToList();
        return new LeaveOut(left.SelectMany(gap => gap.Ids).ToHashSet(), left.Exists(gap => gap.IsTablespace), [.. left.Select(gap => $"Left out: {gap.Problem}{(gap.LeftOut is { } more ? " " + more : "")}")]);
    }

    /// <summary>Arguments for pg_restore. A list is written beside the archive, and removed with it.</summary>
    public async Task<IReadOnlyList<string>> ArgumentsAsync(string file, ToolSet tools, CancellationToken cancellationToken)
    {
        List<string> arguments = [];
        if (Tablespaces)
        {
            arguments.Add("--no-tablespaces");
        }

        if (Ids.Count + Kept.Count > 0)
        {
            var list = file + ".list";
            await File.WriteAllTextAsync(list, await ListAsync(file, tools, cancellationToken), new UTF8Encoding(false), cancellationToken);
            arguments.Add("--use-list=" + list);
        }

        return arguments;
    }

    /// <summary>All entries but these and those that need them: "215; 1259 16390 TABLE app doc owner", then ";	depends on: 214 16".</summary>
    private async Task<string> ListAsync(string file, ToolSet tools, CancellationToken cancellationToken)
    {
        List<(int Id, string Line, List<int> Needs)> entries = [];
        using var tool = RunTool.Start(tools, "pg_restore", ["--list", "--verbose", file]);
        while (await tool.Process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (Entry().Match(line) is { Success: true } entry)
            {
                entries.Add((int.Parse(entry.Groups[1].ValueSpan, CultureInfo.InvariantCulture), line, []));
            }
            else if (entries.Count > 0 && Needed().Match(line) is { Success: true } needed)
            {
                entries[^1].Needs.AddRange(needed.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture)));
            }
        }

        await tool.WaitAsync(cancellationToken);
        HashSet<int> left = [.. Ids];
        int before;
        do
        {
            before = left.Count;
            left.UnionWith(entries.Where(entry => entry.Needs.Exists(left.Contains)).Select(entry => entry.Id));
        }
        while (left.Count > before);

        left.UnionWith(Kept);
        left.UnionWith(entries.Where(entry => entry.Line.Contains(" COMMENT - EXTENSION ", StringComparison.Ordinal) && entry.Needs.Exists(Kept.Contains)).Select(entry => entry.Id));
        return string.Join('\n', entries.Where(entry => !left.Contains(entry.Id)).Select(entry => entry.Line)) + "\n";
    }

    [GeneratedRegex(@"^(\d+); \d+ \d+ ", RegexOptions.CultureInvariant)]
    private static partial Regex Entry();

    [GeneratedRegex(@"^;\s+depends on: ([\d ]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Needed();
}

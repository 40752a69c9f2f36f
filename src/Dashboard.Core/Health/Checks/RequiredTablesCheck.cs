using System.Globalization;
using System.Text.RegularExpressions;
using Dashboard.Core.Databases;

namespace Dashboard.Core.Health.Checks;

/// <summary>Tables that an application can't do without, and the rows that they must have.</summary>
internal sealed partial class RequiredTablesCheck(EngineCatalog engines) : IDatabaseHealthCheck
{
    private const string Tables = "tables";

    /// <summary>Exact counts as far as they are cheap; a limit that an estimate misses narrowly is worth a look anyway.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(5);

    public HealthDescription Description { get; } = new(
        "tables",
        "Required tables",
        "Whether the tables that the application needs are there, and have the rows that they must have.",
        IsCritical: true)
    {
        NeedsOpenDatabase = true,
        Fields = [new HealthField(Tables, "Tables", HealthFieldKind.Lines, "") { IsNeeded = true, Hint = "One a line: contracts, or with the rows that it must have at least: contracts >= 100" }],
    };

    public async Task<HealthAnswer> LookAsync(HealthQuestion question, CancellationToken cancellationToken)
    {
        var list = await engines.For(question.Database!).ReadTablesAsync(question.Location, Budget, cancellationToken);
        var there = list.Tables.Concat(list.Partitions).ToDictionary(table => table.Name);
        var answers = question.Values.Lines(Tables).Select(line => Judge(line, there)).ToList();
        var found = answers.Where(answer => answer.Verdict == HealthVerdict.Pass).Select(answer => answer.Evidence).ToList();
        return answers.Count == found.Count
            ? HealthAnswer.Pass($"{(found.Count == 1 ? "It is" : "All are")} there: {Words.List(found, 8)}.")
            : HealthAnswer.Join([.. answers.Where(answer => answer.Verdict != HealthVerdict.Pass)]);
    }

    private static HealthAnswer Judge(string line, Dictionary<string, TableFacts> there)
    {
        var wanted = Line().Match(line);
        var (name, least) = (wanted.Groups["name"].Value, wanted.Groups["least"] is { Success: true } number ? long.Parse(number.Value, CultureInfo.InvariantCulture) : (long?)null);
        if (!there.TryGetValue(name, out var table))
        {
            return HealthAnswer.Fail($"The table {name} is missing.", "Look whether the application was changed, or restore a backup that holds it.");
        }

        if (table.Rows is not { } rows)
        {
            return least is null ? HealthAnswer.Pass(name) : HealthAnswer.Unknown($"The rows of {name} could not be counted.", "Count them on the page of its tables.");
        }

        var counted = $"{(rows.IsExact ? "" : "≈ ")}{Words.Count(rows.Value, "row")}";
        return rows.Value < least
            ? HealthAnswer.Fail($"The table {name} has {counted}; {Words.Count(least.Value)} are the least.", "Look what removed them, or restore a backup that holds them.")
            : HealthAnswer.Pass($"{name} ({counted})");
    }

    [GeneratedRegex(@"^(?<name>.+?)(?:\s*>=\s*(?<least>\d{1,15}))?$")]
    private static partial Regex Line();
}

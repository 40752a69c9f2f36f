using Dashboard.Core.Jobs;
using Dashboard.Web.Components.Charts;

namespace Dashboard.Web.Features.Databases;

/// <summary>What runs did to a database, as marks on its charts. Pure.</summary>
internal static class TrendMarks
{
    /// <summary>More vertical lines than these are a hatching that says nothing.</summary>
    private const int MostQuiet = 40;

    public static IReadOnlyList<ChartMark> Of(IReadOnlyList<RunRow> runs)
    {
        var marks = runs.Where(run => run is { State: RunState.Succeeded or RunState.SucceededWithWarnings, EndedAt: not null }).Select(Of).OfType<ChartMark>().ToList();
        var quiet = marks.Count(mark => mark.Tone == Quiet);
        return quiet <= MostQuiet ? marks : [.. marks.Where(mark => mark.Tone != Quiet)];
    }

    private const string Quiet = "quiet";

    private static ChartMark? Of(RunRow run) => run.Job switch
    {
        JobKeys.Backup => new ChartMark(run.EndedAt!.Value, "Backup", Quiet, Urls.ForRun(run.Id)),
        JobKeys.Restore or JobKeys.RestoreForeign => new ChartMark(run.EndedAt!.Value, "Restored", "warn", Urls.ForRun(run.Id)),
        JobKeys.Undo => new ChartMark(run.EndedAt!.Value, "Restore undone", "info", Urls.ForRun(run.Id)),
        _ => null,
    };
}

using System.Globalization;
using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Core.Jobs;
using Dashboard.Web.Components;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Dashboard.Web.Features.Health;

public sealed partial class HealthView
{
    private const int MostChanges = 20;

    private static readonly int[] Spans = [30, 90];

    /// <summary>After the backups of the night, before people come.</summary>
    private static readonly SchedulePlan Nightly = new(PlanKind.Daily, new TimeOnly(4, 0), DayOfWeek.Sunday, "0 4 * * *");

    private HealthOverview? _overview;
    private HealthStrips? _strips;
    private HealthPast? _past;
    private IReadOnlyList<HealthRecord>? _changes;
    private Exception? _fault;
    private (Guid?, long, int, DateOnly?, string?)? _loaded;
    private bool _isAsking;
    private bool _isScheduling;
    private bool _isAdding;

    /// <summary>Null for the installation.</summary>
    [Parameter, EditorRequired] public required Database? Database { get; set; }

    /// <summary>All is read anew when it rises.</summary>
    [Parameter, EditorRequired] public long Version { get; set; }

    /// <summary>The health run that waits or is at work.</summary>
    [Parameter, EditorRequired] public required LiveRun? Run { get; set; }

    /// <summary>The day whose worst run is shown, as 2026-11-25; all that makes no sense is now.</summary>
    [SupplyParameterFromQuery(Name = "day")] public string? Day { get; set; }

    /// <summary>The check whose worst run of the day is shown.</summary>
    [SupplyParameterFromQuery(Name = "check")] public string? Check { get; set; }

    [SupplyParameterFromQuery(Name = "days")] public int? Days { get; set; }

    [Inject] public required ReadHealth Health { get; set; }

    [Inject] public required AskForRun Ask { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required NavigationManager Navigation { get; set; }

    [Inject] public required TimeProvider Time { get; set; }

    [Inject] public required ISnackbar Toasts { get; set; }

    private Subject Subject => Database?.Subject ?? Subject.Installation;

    private int SpanDays => Days is { } days && Spans.Contains(days) ? days : Spans[0];

    private DateOnly? ShownDay => DateOnly.TryParseExact(Day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    private string NowAddress => Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["day"] = null, ["check"] = null });

    protected override async Task OnParametersSetAsync()
    {
        var wanted = (Database?.Id, Version, SpanDays, ShownDay, Check);
        if (_loaded != wanted)
        {
            _loaded = wanted;
            await LoadAsync();
        }
    }

    /// <summary>What was read stays where the next reading fails, greyed.</summary>
    private async Task LoadAsync()
    {
        try
        {
            _overview = await Health.ReadAsync(Viewer.Actor, Database, CancellationToken.None);
            _strips = await Health.ReadStripsAsync(Viewer.Actor, Database, SpanDays, Viewer.Zone, CancellationToken.None);
            _changes = await Health.ListChangesAsync(Viewer.Actor, Database, SpanDays, MostChanges, CancellationToken.None);
            _past = ShownDay is { } day ? await Health.FindDayAsync(Viewer.Actor, Database, day, Viewer.Zone, Check, CancellationToken.None) : null;
            _fault = null;
        }
        catch (Exception fault)
        {
            _fault = fault;
        }
    }

    private async Task RunAsync()
    {
        _isAsking = true;
        try
        {
            await Ask.AskAsync(Viewer.Actor, JobKeys.Health, Subject, null, CancellationToken.None);
        }
        catch (Exception fault)
        {
            Toasts.Add($"It could not be asked for. {FaultWords.Of(fault).Problem}", Severity.Error, toast => toast.RequireInteraction = true);
        }
        finally
        {
            _isAsking = false;
        }
    }

    /// <summary>What needs somebody comes first, the worst of it on top; all else stays as it is listed.</summary>
    private static IEnumerable<HealthLine> Ordered(IReadOnlyList<HealthLine> lines) =>
        lines.OrderByDescending(line => line is { IsOff: false, Last: { } last } ? Weight(last) : 0);

    private static int Weight(HealthRecord record) => record.Verdict > HealthVerdict.Expected ? 2 * (int)record.Verdict + (record.IsCritical ? 1 : 0) : 0;

    private static List<HealthDay> Looked(IReadOnlyList<HealthDay> days) => [.. days.Where(day => day.Worst is not null).Reverse()];

    private string DayAddress(DateOnly day, string? check = null) =>
        Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["day"] = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), ["check"] = check });

    private string SpanAddress(int days) => Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["days"] = days == Spans[0] ? null : days });
}

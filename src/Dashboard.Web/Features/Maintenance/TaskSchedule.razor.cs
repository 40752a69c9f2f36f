using System.Globalization;
using Dashboard.Core.Databases;
using Dashboard.Core.Schedules;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Web.Features.Maintenance;

public sealed partial class TaskSchedule
{
    private const int TimesShown = 3;

    private SchedulePlan _plan = SchedulePlan.Usual;
    private IReadOnlyList<DateTimeOffset> _next = [];
    private string _zone = "";
    private string? _wrong;
    private Exception? _fault;
    private bool _isSaving;

    [Parameter, EditorRequired] public required Database Database { get; set; }

    /// <summary>Of what runs by itself.</summary>
    [Parameter, EditorRequired] public required string Title { get; set; }

    [Parameter, EditorRequired] public required string Job { get; set; }

    /// <summary>What the job is told.</summary>
    [Parameter, EditorRequired] public required object Arguments { get; set; }

    /// <summary>Null when there was none yet.</summary>
    [Parameter, EditorRequired] public Schedule? Schedule { get; set; }

    [Parameter] public EventCallback OnDone { get; set; }

    [Inject] public required SetSchedule Schedules { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required TimeProvider Time { get; set; }

    /// <summary>Once: what somebody is typing is not taken away by a change of the page.</summary>
    protected override void OnInitialized()
    {
        _zone = Schedule?.Zone ?? Viewer.Zone.Id;
        Choose(Schedule is null ? SchedulePlan.Usual : SchedulePlan.Read(Schedule.Cron));
    }

    private void Choose(SchedulePlan plan)
    {
        _plan = plan;
        try
        {
            _next = NextOccurrence.Upcoming(plan.ToCron(), _zone, Time.GetUtcNow(), TimesShown);
            _wrong = null;
        }
        catch (FormatException fault)
        {
            _wrong = fault.Message;
        }
    }

    private void ChooseZone(string zone)
    {
        _zone = zone.Trim();
        Choose(_plan);
    }

    private void At(ChangeEventArgs change)
    {
        if (TimeOnly.TryParse((string?)change.Value, CultureInfo.InvariantCulture, out var at))
        {
            Choose(_plan with { At = at });
        }
    }

    private Task SaveAsync() => SetAsync(true);

    private async Task SetAsync(bool isOn)
    {
        (_isSaving, _fault) = (true, null);
        try
        {
            // Switched off it keeps what was chosen, not what was being typed.
            var (cron, zone) = isOn ? (_plan.ToCron(), _zone) : (Schedule!.Cron, Schedule.Zone);
            await Schedules.SetAsync(Viewer.Actor, Database.Subject, Job, isOn, cron, zone, CancellationToken.None, Arguments);
            await OnDone.InvokeAsync();
        }
        catch (Exception fault)
        {
            _fault = fault;
        }
        finally
        {
            _isSaving = false;
        }
    }
}

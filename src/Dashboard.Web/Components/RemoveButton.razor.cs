using Dashboard.Core.Databases;
using Dashboard.Core.Fleet;
using Dashboard.Core.Jobs;
using Dashboard.Core.Schedules;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Dashboard.Web.Components;

/// <summary>Takes a database off the fleet with one click, and offers to take that back for ten seconds.</summary>
public sealed partial class RemoveButton
{
    private const int UndoMilliseconds = 10_000;
    private bool _isRemoving;

    [Parameter, EditorRequired] public required FleetRow Row { get; set; }

    [Parameter] public Variant Variant { get; set; } = Variant.Outlined;

    [Parameter] public Size Size { get; set; } = Size.Medium;

    [Parameter] public string? Class { get; set; }

    [Parameter] public EventCallback OnRemoved { get; set; }

    [Inject] public required RemoveDatabase Remove { get; set; }

    [Inject] public required SetSchedule Schedules { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required ISnackbar Toasts { get; set; }

    private async Task RemoveAsync()
    {
        // What the toast needs is taken now: this button is gone by the time somebody presses Undo.
        var (database, schedule) = (Row.Database, Row.Schedule);
        _isRemoving = true;
        try
        {
            await Remove.RemoveAsync(Viewer.Actor, database.Id, CancellationToken.None);
        }
        catch (Exception fault) when (fault is DatabaseException or RunConflictException)
        {
            SayRefusal(fault);
            return;
        }
        finally
        {
            _isRemoving = false;
        }

        Toasts.Add(
            database.IsSample ? $"Removed {database.Name}. Its file went with it; its backups stay." : $"Removed {database.Name} from the fleet. Its file and its backups stay.",
            Severity.Normal,
            toast =>
            {
                toast.Action = "Undo";
                toast.OnClick = _ => BringBackAsync(database, schedule);
                toast.VisibleStateDuration = UndoMilliseconds;
                toast.CloseAfterNavigation = false;
            });
        await OnRemoved.InvokeAsync();
    }

    private async Task BringBackAsync(Database database, Schedule? schedule)
    {
        try
        {
            await Remove.BringBackAsync(Viewer.Actor, database.Id, CancellationToken.None);
            if (schedule is { IsOn: true })
            {
                await Schedules.SetAsync(Viewer.Actor, database.Subject, schedule.Job, isOn: true, schedule.Cron, schedule.Zone, CancellationToken.None);
            }

            Toasts.Add($"{database.Name} is back.", Severity.Success);
        }
        catch (DatabaseException fault)
        {
            SayRefusal(fault);
        }
    }

    private void SayRefusal(Exception fault) => Toasts.Add(
        fault is DatabaseException { NextStep: { } next } ? $"{fault.Message} {next}" : fault.Message,
        Severity.Error,
        toast => toast.RequireInteraction = true);
}

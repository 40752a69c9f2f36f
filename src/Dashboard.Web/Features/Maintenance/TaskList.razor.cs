using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Web.Components;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Dashboard.Web.Features.Maintenance;

public sealed partial class TaskList
{
    private IReadOnlyList<MaintenanceLine>? _lines;
    private Exception? _fault;
    private (Guid, long)? _loaded;
    private bool _isAsking;

    [Parameter, EditorRequired] public required Database Database { get; set; }

    /// <summary>Looked at anew when it rises.</summary>
    [Parameter, EditorRequired] public long Version { get; set; }

    /// <summary>What waits or runs for this database.</summary>
    [Parameter, EditorRequired] public required IReadOnlyList<LiveRun> Runs { get; set; }

    [Inject] public required ReadMaintenance Maintenance { get; set; }

    [Inject] public required AskForMaintenance Ask { get; set; }

    [Inject] public required IDialogService Dialogs { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required ISnackbar Toasts { get; set; }

    private bool IsBusy => _isAsking || Busy is not null;

    /// <summary>Why no task can be started; null when one can.</summary>
    private string? Busy => Runs.FirstOrDefault(run => run.Writes) is { } run ? $"“{run.Title}” is not finished yet." : null;

    protected override async Task OnParametersSetAsync()
    {
        if (_loaded != (Database.Id, Version))
        {
            _loaded = (Database.Id, Version);
            await LoadAsync();
        }
    }

    private async Task LoadAsync()
    {
        try
        {
            _lines = await Maintenance.ListAsync(Viewer.Actor, Database, CancellationToken.None);
            _fault = null;
        }
        catch (Exception fault)
        {
            _fault = fault;
        }
    }

    private static string Sentence(IReadOnlyList<MaintenanceLine> lines)
    {
        var worth = lines.Count(line => line.Outlook is { Worth: MaintenanceWorth.Yes, Refusal: null });
        return worth == 0 ? "Nothing needs to be done now." : $"{Words.Count(worth, "task")} {(worth == 1 ? "is" : "are")} worth it now.";
    }

    /// <param name="task">Null for all that are worth it.</param>
    /// <param name="target">Null for the whole database.</param>
    private async Task RunAsync(MaintenanceDescription? task, string? target = null)
    {
        _isAsking = true;
        try
        {
            var typed = task?.Warning is { } warning ? await ConfirmByName.AskAsync(Dialogs, $"{task.Title}?", warning, Database.Name, task.Title, isFinal: false) : null;
            if (task?.Warning is not null && typed is null)
            {
                return;
            }

            await Ask.AskAsync(Viewer.Actor, Database, task?.Key, typed, CancellationToken.None, target);
        }
        catch (Exception fault) when (fault is RunConflictException or NameNeededException)
        {
            Toasts.Add(fault.Message, Severity.Error, toast => toast.RequireInteraction = true);
        }
        finally
        {
            _isAsking = false;
        }
    }
}

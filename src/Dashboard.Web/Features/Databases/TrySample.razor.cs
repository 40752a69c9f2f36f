using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Web.Components;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Web.Features.Databases;

/// <summary>The four things to try on the sample. The ticks are what happened, whoever did it and from wherever.</summary>
public sealed partial class TrySample
{
    private SampleHistory? _history;
    private Exception? _fault;
    private string? _gone;
    private bool _isAsking;
    private long _seen = -1;

    [Parameter, EditorRequired] public required DatabaseView View { get; set; }

    [Inject] public required ReadBackups Backups { get; set; }

    [Inject] public required ReadRuns Runs { get; set; }

    [Inject] public required EngineCatalog Engines { get; set; }

    [Inject] public required BreakSample Sample { get; set; }

    [Inject] public required AskForRun Ask { get; set; }

    [Inject] public required AskForRestore Restore { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required NavigationManager Navigation { get; set; }

    /// <summary>The first that is not done.</summary>
    private int Step => _history switch
    {
        null => 0,
        { Whole: null } => 1,
        { WasBroken: false } => 2,
        { WasRestored: false } => 3,
        { WasUndone: false } => 4,
        _ => 0,
    };

    private bool IsBusy => _isAsking || View.Runs.Count > 0;

    private string? BusyReason => View.Runs.Count > 0 ? "A run is at work on it; wait for its end." : null;

    protected override async Task OnParametersSetAsync()
    {
        if (_seen != View.Version)
        {
            _seen = View.Version;
            await LoadAsync();
        }
    }

    private async Task LoadAsync()
    {
        try
        {
            _history = await SampleHistory.ReadAsync(Backups, Runs, Engines, Viewer.Actor, View.Database, CancellationToken.None);
            _fault = null;
        }
        catch (Exception fault)
        {
            _fault = fault;
        }
    }

    private Task BackUpAsync() => TryAsync(() => Ask.AskAsync(Viewer.Actor, JobKeys.Backup, View.Database.Subject, null, CancellationToken.None));

    private Task BreakAsync() => TryAsync(async () =>
    {
        _gone = await Sample.BreakAsync(Viewer.Actor, View.Database.Id, CancellationToken.None);
        await LoadAsync();
    });

    private Task UndoAsync() => TryAsync(() => Restore.UndoAsync(Viewer.Actor, _history!.Undo!.RestoreId, CancellationToken.None));

    private async Task TryAsync(Func<Task> act)
    {
        _isAsking = true;
        _fault = null;
        try
        {
            await act();
        }
        catch (Exception fault)
        {
            _fault = fault;
        }
        finally
        {
            _isAsking = false;
        }
    }

    private void GoToFleet() => Navigation.NavigateTo(Urls.Fleet);

    private static string Look(bool isDone, bool isNext) => isDone ? "done-step" : isNext ? "next-step" : "";

    private static string Spoken(bool isDone) => isDone ? ", done" : ", not done yet";
}

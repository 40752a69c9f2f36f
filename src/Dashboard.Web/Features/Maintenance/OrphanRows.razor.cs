using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Web.Components;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Dashboard.Web.Features.Maintenance;

public sealed partial class OrphanRows
{
    private MaintenanceRecord? _check;
    private OrphanList? _found;
    private string _folder = "";
    private Exception? _fault;
    private CancellationTokenSource? _stop;
    private LookProgress? _progress;
    private (Guid, long)? _loaded;
    private bool _isAsking;

    [Parameter, EditorRequired] public required Database Database { get; set; }

    /// <summary>Whether there is a check with a finding is asked anew when it rises.</summary>
    [Parameter, EditorRequired] public long Version { get; set; }

    /// <summary>What waits or runs for this database.</summary>
    [Parameter, EditorRequired] public required IReadOnlyList<LiveRun> Runs { get; set; }

    [Inject] public required AskForOrphans Orphans { get; set; }

    [Inject] public required IDialogService Dialogs { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required ISnackbar Toasts { get; set; }

    [Inject] public required TimeProvider Time { get; set; }

    private string? Busy => Runs.FirstOrDefault(run => run.Writes) is { } run ? $"“{run.Title}” is not finished yet." : null;

    public void Dispose()
    {
        _stop?.Cancel();
        _stop?.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_loaded == (Database.Id, Version))
        {
            return;
        }

        _loaded = (Database.Id, Version);
        var check = await Orphans.FindCheckAsync(Viewer.Actor, Database, CancellationToken.None);
        if (check?.Id != _check?.Id)
        {
            // What was shown belongs to an older check.
            (_check, _found, _fault) = (check, null, null);
        }
    }

    private async Task LookAsync()
    {
        using var stop = new CancellationTokenSource();
        (_stop, _fault) = (stop, null);
        _progress = new LookProgress(Time, () => InvokeAsync(StateHasChanged));
        try
        {
            (_found, _folder) = await Orphans.LookAsync(Viewer.Actor, Database, _progress, stop.Token);
        }
        catch (OperationCanceledException)
        {
        }
        catch (DatabaseException fault)
        {
            _fault = fault;
        }
        finally
        {
            (_stop, _progress) = (null, null);
        }
    }

    private static string Why(OrphanGroup group)
    {
        var parent = group.GoesAlong ? "its parent is one of these rows" : "its parent is not there";
        return group.Emptied is { } columns ? $"stays, {columns} emptied: {parent}"
            : (group.GoesAlong ? "goes along: " : "") + parent + (group.Although is { } although ? $"; {although}" : "");
    }

    private static string Button(OrphanCount count) => count.Removed > 0 ? "Remove these rows" : "Empty these keys";

    private string What(OrphanList found)
    {
        var (removed, emptied) = found.Count;
        var goes = removed > 0 ? $"{Words.Count(removed, "row")} of {found.Tables(areEmptied: false)} {(removed == 1 ? "goes" : "go")}. " : "";
        var stays = emptied > 0 ? $"{Words.Count(emptied, "row")} of {found.Tables(areEmptied: true)} {(emptied == 1 ? "stays" : "stay")} with an empty key. " : "";
        return $"{goes}{stays}A copy is kept in {_folder}, from which all of it can be brought back by hand.";
    }

    private async Task RemoveAsync()
    {
        _isAsking = true;
        try
        {
            var count = _found!.Count;
            var title = count.Removed > 0 ? $"Remove {Words.Count(count.Removed, "row")}?" : $"Empty the key of {Words.Count(count.Emptied, "row")}?";
            if (await ConfirmByName.AskAsync(Dialogs, title, What(_found), Database.Name, Button(count), isFinal: false) is { } typed)
            {
                await Orphans.AskAsync(Viewer.Actor, Database, count, typed, CancellationToken.None);
            }
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

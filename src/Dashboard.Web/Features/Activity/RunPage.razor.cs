using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Web.Components;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;

namespace Dashboard.Web.Features.Activity;

public sealed partial class RunPage : IDisposable
{
    /// <summary>The log reaches the store with the heartbeat of the run; while it is open the page looks this often.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _left = new();
    private RunDetails? _details;
    private LiveRun? _live;
    private UndoOffer? _undo;
    private Exception? _fault;
    private bool _isMissing;
    private bool _isCopied;
    private bool _isAsking;

    [Parameter] public Guid RunId { get; set; }

    [Inject] public required ReadRuns Runs { get; set; }

    [Inject] public required ReadBackups Backups { get; set; }

    [Inject] public required JobFeed Feed { get; set; }

    [Inject] public required AskForRun Ask { get; set; }

    [Inject] public required AskForRestore Restore { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required TimeProvider Time { get; set; }

    [Inject] public required NavigationManager Navigation { get; set; }

    [Inject] public required ISnackbar Toasts { get; set; }

    [Inject] public required IDialogService Dialogs { get; set; }

    [Inject] public required IJSRuntime Js { get; set; }

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_details?.Run.Id != RunId)
        {
            _details = null;
            _undo = null;
            _isCopied = false;
            _live = Feed.Find(RunId);
            await LoadAsync();
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _ = LookAsync();
        await SeeAsync();
    }

    private async Task LoadAsync()
    {
        try
        {
            var details = await Runs.FindAsync(Viewer.Actor, RunId, CancellationToken.None);
            _isMissing = details is null;
            _undo = details is null ? null : await FindUndoAsync(details.Run);
            _details = details;
            _fault = null;
        }
        catch (Exception fault)
        {
            _fault = fault;
        }
    }

    /// <summary>Whoever opens a run that failed has seen it; the number in the bar goes.</summary>
    private async Task SeeAsync()
    {
        if (_details?.Run.State is RunState.Failed or RunState.Interrupted)
        {
            await Runs.SeeAsync(Viewer.Actor, RunId, Time, CancellationToken.None);
            Feed.Changed();
        }
    }

    private async Task<UndoOffer?> FindUndoAsync(RunRow run) =>
        !run.IsOpen && run.Job is JobKeys.Restore or JobKeys.RestoreForeign or JobKeys.Undo && await Backups.FindUndoAsync(Viewer.Actor, run.Subject.Id, CancellationToken.None) is { } offer && offer.RunId == run.Id
            ? offer
            : null;

    private async Task TookAsync(FeedSnapshot snapshot)
    {
        var before = _live;
        _live = snapshot.Runs.FirstOrDefault(run => run.Id == RunId);
        if (before is not null && _live?.Phase != before.Phase)
        {
            await LoadAsync();
        }
    }

    private async Task LookAsync()
    {
        try
        {
            using var clock = new PeriodicTimer(LookAgain, Time);
            while (await clock.WaitForNextTickAsync(_left.Token))
            {
                if (_live is not null)
                {
                    await InvokeAsync(async () =>
                    {
                        await LoadAsync();
                        StateHasChanged();
                    });
                }
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or ObjectDisposedException)
        {
        }
        catch (Exception fault)
        {
            await DispatchExceptionAsync(fault);
        }
    }

    private async Task CopyAddressAsync()
    {
        await Js.InvokeVoidAsync("navigator.clipboard.writeText", Navigation.ToAbsoluteUri(Urls.ForRun(RunId)).ToString());
        _isCopied = true;
    }

    private Task UndoAsync() => GoAsync(async () =>
    {
        Run? run = null;
        await OtherLogin.WithAsync(Dialogs, _details!.Run.Subject.Id, async login => run = await Restore.UndoAsync(Viewer.Actor, _undo!.RestoreId, CancellationToken.None, login));
        return run;
    });

    private Task BackUpAgainAsync() => GoAsync(async () => await Ask.AskAsync(Viewer.Actor, JobKeys.Backup, _details!.Run.Subject, null, CancellationToken.None));

    private async Task GoAsync(Func<Task<Run?>> ask)
    {
        if (_isAsking)
        {
            return;
        }

        _isAsking = true;
        try
        {
            if (await ask() is { } run)
            {
                Navigation.NavigateTo(Urls.ForRun(run.Id));
            }
        }
        catch (Exception fault)
        {
            Toasts.Add(fault is RunConflictException ? fault.Message : string.Join(" ", FaultWords.Of(fault).Problem, FaultWords.Of(fault).NextStep), Severity.Error, toast => toast.RequireInteraction = true);
        }
        finally
        {
            _isAsking = false;
        }
    }

    private static bool CanBackUpAgain(RunRow run) => run is { Job: JobKeys.Backup, IsOpen: false, DatabaseSlug: not null } && run.State is RunState.Failed or RunState.Interrupted or RunState.Cancelled;

    /// <summary>What it did; while it is open, how long it has been at it. A problem has its own place below.</summary>
    private string Sentence(RunRow run) => run switch
    {
        { IsOpen: true, StartedAt: { } began } => $"for {Words.Duration(Time.GetUtcNow() - began)}",
        { IsOpen: true } => "It begins as soon as a place is free.",
        { State: RunState.Failed, Took: { } took } => $"after {Words.Duration(took)}",
        _ => run.Summary ?? "",
    };

    private static string? LevelTone(LineLevel level) => level switch
    {
        LineLevel.Warning => "warn",
        LineLevel.Error => "bad",
        _ => null,
    };
}

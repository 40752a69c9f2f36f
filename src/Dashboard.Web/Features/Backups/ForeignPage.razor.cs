using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Fleet;
using Dashboard.Core.Jobs;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Dashboard.Web.Features.Backups;

/// <summary>First the dump is given; then, under an address of its own, it is looked at and restored.</summary>
public sealed partial class ForeignPage : IAsyncDisposable
{
    private readonly CancellationTokenSource _left = new();
    private Database? _database;
    private IForeignDumps? _dumps;
    private ForeignPlan? _plan;
    private DatabaseException? _refusal;
    private Exception? _fault;
    private ElementReference _file;
    private IJSObjectReference? _module;
    private DotNetObjectReference<ForeignPage>? _self;
    private string _path = "";
    private string _typed = "";
    private string _sent = "";
    private Login? _login;
    private bool _withoutOwners;
    private bool _leavesOut;
    private bool _isMissing;
    private bool _isReading;
    private bool _isSending;
    private bool _isAsking;

    [Parameter] public string Slug { get; set; } = "";

    /// <summary>The dump that was given.</summary>
    [SupplyParameterFromQuery(Name = "dump")] public Guid? Dump { get; set; }

    [Inject] public required ReadFleet Fleet { get; set; }

    [Inject] public required EngineCatalog Engines { get; set; }

    [Inject] public required StageForeign Staging { get; set; }

    [Inject] public required AskForForeign Ask { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required IJSRuntime Js { get; set; }

    [Inject] public required NavigationManager Navigation { get; set; }

    private bool IsBusy => _isReading || _isSending;

    /// <summary>Called by the browser while a file is on its way.</summary>
    [JSInvokable]
    public void Sent(long done, long all)
    {
        _sent = $"{Words.Bytes(done)} of {Words.Bytes(all)}";
        StateHasChanged();
    }

    public async ValueTask DisposeAsync()
    {
        await _left.CancelAsync();
        _left.Dispose();
        _self?.Dispose();
        try
        {
            if (_module is not null)
            {
                await _module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The tab has gone before us.
        }
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            _database = (await Fleet.FindAsync(Viewer.Actor, Slug, CancellationToken.None))?.Database;
            _dumps = _database is null ? null : Engines.For(_database) as IForeignDumps;
            _isMissing = _dumps is null;
            _plan = Dump is { } id && _dumps is not null ? await Ask.PlanAsync(Viewer.Actor, id, _left.Token, _login) : null;
            _fault = null;
            if (Dump is not null && _plan?.Database.Id != _database?.Id)
            {
                _plan = null;
                _fault = new DatabaseMissingException("This dump is no longer there.", "Go back to the backups, and give it once more.");
            }
        }
        catch (OperationCanceledException) when (_left.IsCancellationRequested)
        {
        }
        catch (Exception fault)
        {
            _fault = fault;
        }
    }

    /// <summary>Why a button can't be pressed; null when it can.</summary>
    private string? Why(string? blocker) => _isAsking ? "It is starting."
        : blocker is not null ? blocker
        : _plan is { OwnersProblem: not null } && !_withoutOwners ? "Grant what the login lacks, create missing roles, or leave out owners and rights."
        : RestoreGaps.Why(_plan?.Gaps ?? [], _leavesOut) is { } gap ? gap
        : _plan is { NeedsName: true } && !TypedName.Matches(_database!.Name, _typed) ? "Type the name of the database first."
        : null;

    private async Task StageAsync()
    {
        _isReading = true;
        await TryAsync(async () => Show((await Staging.FromPathAsync(Viewer.Actor, _database!.Id, _path, _left.Token)).Id));
        _isReading = false;
    }

    private async Task UploadAsync()
    {
        _isSending = true;
        _sent = "";
        await TryAsync(async () =>
        {
            _self ??= DotNetObjectReference.Create(this);
            _module ??= await Js.InvokeAsync<IJSObjectReference>("import", "./Features/Backups/ForeignPage.razor.js");
            var answer = await _module.InvokeAsync<UploadAnswer>("send", Timeout.InfiniteTimeSpan, _file, Urls.ForForeignUpload(Slug), Staging.MaxBytes, _self);
            if (answer.Id is not { } id)
            {
                throw new DatabaseException(answer.Problem ?? "The upload was broken off.", answer.Next);
            }

            Show(id);
        });
        _isSending = false;
    }

    private void Show(Guid id) => Navigation.NavigateTo(Urls.ForForeign(Slug, id));

    /// <summary>What the login in use can't do, in the words of the plan.</summary>
    private static string? Lacks(ForeignPlan plan) => plan.Dump.Content.Kind == ForeignKind.Script ? plan.NewBlocker : plan.LiveBlocker ?? plan.NoUndoBecause ?? plan.NewBlocker ?? plan.OwnersProblem ?? (plan.Gaps is [var gap, ..] ? gap.Problem : null);

    private Task ChooseAsync(Login? login)
    {
        _login = login;
        _refusal = null;
        return LoadAsync();
    }

    private Task ReplaceAsync() => AskAsync(() => Ask.InPlaceAsync(Viewer.Actor, _plan!.Dump.Id, _typed, _withoutOwners, CancellationToken.None, _login, _leavesOut));

    private Task MakeAsync() => AskAsync(() => Ask.AsNewAsync(Viewer.Actor, _plan!.Dump.Id, _typed, _withoutOwners, CancellationToken.None, _login, _leavesOut));

    private Task DiscardAsync() => TryAsync(async () =>
    {
        await Staging.DiscardAsync(Viewer.Actor, _plan!.Dump.Id, CancellationToken.None);
        Navigation.NavigateTo(Urls.ForDatabaseBackups(Slug));
    });

    private async Task AskAsync(Func<Task<Run>> ask)
    {
        if (_isAsking)
        {
            return;
        }

        _isAsking = true;
        await TryAsync(async () => Navigation.NavigateTo(Urls.ForRun((await ask()).Id)));
        _isAsking = _refusal is null;
    }

    private async Task TryAsync(Func<Task> act)
    {
        _refusal = null;
        try
        {
            await act();
        }
        catch (OperationCanceledException) when (_left.IsCancellationRequested)
        {
        }
        catch (Exception fault)
        {
            var (problem, next) = FaultWords.Of(fault);
            _refusal = fault as DatabaseException ?? (fault is RunConflictException or NameNeededException ? new DatabaseException(fault.Message) : new DatabaseException(problem, next));
        }
    }

    /// <summary>What came of an upload: the dump, or a problem.</summary>
    private sealed record UploadAnswer(Guid? Id, string? Problem, string? Next);
}

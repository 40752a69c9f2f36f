using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Web.Components;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Web.Features.Backups;

public sealed partial class RestorePlanPage : IDisposable
{
    private const string MissingRoles = "Grant what the login lacks, create missing roles, or leave out owners and rights.";

    private readonly CancellationTokenSource _left = new();
    private BackupRow? _row;
    private RestorePlan? _plan;
    private DateTimeOffset _plannedAt;
    private DatabaseException? _refusal;
    private Exception? _fault;
    private string _typed = "";
    private Login? _login;
    private bool _withoutOwners;
    private bool _leavesOut;
    private bool _isMissing;
    private bool _isPlanning;
    private bool _isAsking;

    [Parameter] public string Slug { get; set; } = "";

    [Parameter] public Guid BackupId { get; set; }

    [Inject] public required ReadBackups Backups { get; set; }

    [Inject] public required PlanRestore Plan { get; set; }

    [Inject] public required AskForRestore Ask { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required TimeProvider Time { get; set; }

    [Inject] public required NavigationManager Navigation { get; set; }

    private string Moment => MomentWords.Absolute(_row!.Backup.TakenAt, Time.GetUtcNow(), Viewer.Zone);

    private string Source => $"{Words.Duration(_plan?.Age ?? (Time.GetUtcNow() - _row!.Backup.TakenAt))} old · {Words.Count(_row!.Backup.RowTotal, "row")} · {Words.Bytes(_row.Backup.ContentBytes)}, {Words.Bytes(_row.Backup.SizeBytes)} as a file · "
        + (_row.Backup.Kind == BackupKind.Undo ? "the copy that a restore took of what was there" : $"asked for by {_row.Backup.AskedBy}");

    /// <summary>Why the button can't be pressed; null when it can.</summary>
    private string? Why => _isAsking ? "It is starting."
        : _plan?.Blocker is { } blocker ? blocker
        : _plan is { OwnersProblem: not null } && !_withoutOwners ? MissingRoles
        : RestoreGaps.Why(_plan?.Gaps ?? [], _leavesOut) is { } gap ? gap
        : _plan is { NeedsName: true } plan && !TypedName.Matches(plan.Database.Name, _typed) ? "Type the name of the database first."
        : null;

    private string? CopyWhy => _isAsking ? "It is starting."
        : _row is not null && GoodBackup.BlockerOf(_row.Backup) is { } damage ? damage
        : _plan?.CopyBlocker is { } blocker ? blocker
        : _plan is { OwnersProblem: not null } && !_withoutOwners ? MissingRoles
        : RestoreGaps.Why((_plan?.Gaps ?? []).Where(gap => !gap.IsOfLiveOnly), _leavesOut);

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    protected override Task OnParametersSetAsync() => _row?.Backup.Id == BackupId ? Task.CompletedTask : FindAsync();

    /// <summary>The plan counts rows, which may take seconds: the page is there before it.</summary>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _row is not null)
        {
            await PlanAsync();
        }
    }

    private async Task FindAsync()
    {
        try
        {
            var row = await Backups.FindAsync(Viewer.Actor, BackupId, CancellationToken.None);
            _row = row?.DatabaseSlug == Slug && row.Backup.DeletedAt is null ? row : null;
            _isMissing = _row is null;
            _fault = null;
        }
        catch (Exception fault)
        {
            _fault = fault;
        }
    }

    private async Task PlanAsync()
    {
        if (_isPlanning)
        {
            return;
        }

        _isPlanning = true;
        StateHasChanged();
        try
        {
            _plan = await Plan.PlanAsync(Viewer.Actor, BackupId, _left.Token, _login);
            _plannedAt = Time.GetUtcNow();
            _isMissing = _plan is null;
            _row = _plan is null ? null : _row;
            _fault = null;
        }
        catch (OperationCanceledException) when (_left.IsCancellationRequested)
        {
            return;
        }
        catch (Exception fault)
        {
            _fault = fault;
        }

        _isPlanning = false;
        StateHasChanged();
    }

    /// <summary>Planned anew: what this login may do decides whether there is an undo.</summary>
    private Task ChooseAsync(Login? login)
    {
        _login = login;
        _refusal = null;
        return PlanAsync();
    }

    private Task RestoreAsync() => AskAsync(() => Ask.InPlaceAsync(Viewer.Actor, BackupId, _typed, CancellationToken.None, _withoutOwners, _login, _leavesOut));

    private Task CopyAsync() => AskAsync(() => Ask.AsCopyAsync(Viewer.Actor, BackupId, CancellationToken.None, _withoutOwners, _login, _leavesOut));

    /// <summary>The first click wins: a second one that was on its way finds it asked for already.</summary>
    private async Task AskAsync(Func<Task<Run>> ask)
    {
        if (_isAsking)
        {
            return;
        }

        _isAsking = true;
        _refusal = null;
        try
        {
            var run = await ask();
            Navigation.NavigateTo(Urls.ForRun(run.Id));
        }
        catch (Exception fault)
        {
            var (problem, next) = FaultWords.Of(fault);
            _refusal = fault as DatabaseException ?? (fault is RunConflictException or NameNeededException ? new DatabaseException(fault.Message) : new DatabaseException(problem, next));
            _isAsking = false;
        }
    }
}

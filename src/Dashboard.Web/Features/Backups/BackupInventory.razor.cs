using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Web.Components;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Dashboard.Web.Features.Backups;

public sealed partial class BackupInventory
{
    private const int PageSize = 25;
    private const int TrashShown = 100;

    private readonly HashSet<Guid> _busy = [];
    private IReadOnlyList<BackupRow>? _rows;
    private IReadOnlyList<BackupRow> _trash = [];
    private int _total;
    private int _trashTotal;
    private bool _isAsking;
    private Exception? _fault;
    private (Guid?, long, int, string?, bool)? _loaded;

    /// <summary>Null for the backups of all databases, those of removed ones too.</summary>
    [Parameter] public Database? Database { get; set; }

    /// <summary>The list is loaded anew when it rises.</summary>
    [Parameter, EditorRequired] public long Version { get; set; }

    /// <summary>The dashboard's own store, which is never restored in place.</summary>
    [Parameter] public Guid? OwnStoreId { get; set; }

    [SupplyParameterFromQuery(Name = "page")] public int? Page { get; set; }

    [SupplyParameterFromQuery(Name = "q")] public string? Filter { get; set; }

    [SupplyParameterFromQuery(Name = "deleted")] public bool IsTrashOpen { get; set; }

    [Inject] public required ReadBackups Backups { get; set; }

    [Inject] public required AskForRestore Ask { get; set; }

    [Inject] public required AskForRun AskForRun { get; set; }

    [Inject] public required DeleteBackup Delete { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required TimeProvider Time { get; set; }

    [Inject] public required NavigationManager Navigation { get; set; }

    [Inject] public required IDialogService Dialogs { get; set; }

    [Inject] public required ISnackbar Toasts { get; set; }

    private int Shown => Math.Max(1, Page ?? 1);

    protected override async Task OnParametersSetAsync()
    {
        var wanted = (Database?.Id, Version, Shown, Filter, IsTrashOpen);
        if (_loaded != wanted)
        {
            _loaded = wanted;
            await LoadAsync();
        }
    }

    private async Task LoadAsync()
    {
        try
        {
            (_rows, _total) = await Backups.ListAsync(Viewer.Actor, Database?.Id, deleted: false, (Shown - 1) * PageSize, PageSize, CancellationToken.None, Filter);
            (_trash, _trashTotal) = await Backups.ListAsync(Viewer.Actor, Database?.Id, deleted: true, 0, IsTrashOpen ? TrashShown : 0, CancellationToken.None, Filter);
            _fault = null;
        }
        catch (Exception fault)
        {
            _fault = fault;
        }
    }

    private Task BackUpAsync() => TryAsync(null, () => AskForRun.AskAsync(Viewer.Actor, JobKeys.Backup, Database!.Subject, null, CancellationToken.None));

    private Task CopyAsync(BackupRow row) => TryAsync(row, async () => Say(await Ask.AsCopyAsync(Viewer.Actor, row.Backup.Id, CancellationToken.None), $"A copy of {row.DatabaseName} is being made beside it."));

    private Task CheckAsync(BackupRow row) => TryAsync(row, async () => Say(await Ask.CheckAsync(Viewer.Actor, row.Backup.Id, CancellationToken.None), $"The backup of {Name(row)} is being checked."));

    /// <summary>One click and thirty days of "Recently deleted"; only the last good backup asks.</summary>
    private Task DeleteAsync(BackupRow row) => TryAsync(row, async () =>
    {
        try
        {
            await Delete.DeleteAsync(Viewer.Actor, row.Backup.Id, null, CancellationToken.None);
        }
        catch (NameNeededException needed)
        {
            var typed = await ConfirmByName.AskAsync(Dialogs, "Delete the last good backup?", $"No other backup of {needed.Name} is known to be sound. It can be brought back from “Recently deleted”; until the next backup there is nothing else to restore.", needed.Name, "Delete it", isFinal: false, facts: Facts(row));
            if (typed is null)
            {
                return;
            }

            await Delete.DeleteAsync(Viewer.Actor, row.Backup.Id, typed, CancellationToken.None);
        }

        Toasts.Add($"Deleted the backup of {Name(row)}.", Severity.Normal, toast =>
        {
            toast.Action = "Undo";
            toast.HideIcon = true;
            toast.VisibleStateDuration = 10_000;
            toast.RequireInteraction = false;
            toast.OnClick = _ => InvokeAsync(() => BringBackAsync(row.Backup.Id));
        });
    });

    private Task BringBackAsync(Guid backupId) => TryAsync(null, () => Delete.BringBackAsync(Viewer.Actor, backupId, CancellationToken.None));

    private Task PurgeAsync(BackupRow row) => TryAsync(row, async () =>
    {
        var loss = row.IsLastGood
            ? $"This is the last good backup of {row.DatabaseName}: after it nothing is left to restore from."
            : "Its file is removed from the disk.";
        var typed = await ConfirmByName.AskAsync(Dialogs, "Remove this backup for good?", loss, row.DatabaseName, "Remove for good", facts: Facts(row));
        if (typed is not null)
        {
            await Delete.PurgeAsync(Viewer.Actor, row.Backup.Id, typed, CancellationToken.None);
        }
    });

    private void FoldTrash() => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("deleted", IsTrashOpen ? null : "true"), replace: true);

    private async Task TryAsync(BackupRow? row, Func<Task> act)
    {
        if (row is not null && !_busy.Add(row.Backup.Id))
        {
            return;
        }

        _isAsking = true;
        try
        {
            await act();
        }
        catch (Exception fault)
        {
            var (problem, next) = FaultWords.Of(fault);
            Toasts.Add(fault is RunConflictException or NameNeededException ? fault.Message : $"{problem} {next}", Severity.Error, toast => toast.RequireInteraction = true);
        }
        finally
        {
            _isAsking = false;
            _busy.Remove(row?.Backup.Id ?? Guid.Empty);
        }
    }

    /// <summary>The pages of a database show the bar; the page of all backups has none, so it says where to look.</summary>
    private void Say(Run run, string sentence)
    {
        if (Database is null)
        {
            Toasts.Add(sentence, Severity.Normal, toast =>
            {
                toast.Action = "Show";
                toast.HideIcon = true;
                toast.RequireInteraction = false;
                toast.OnClick = _ => InvokeAsync(() => Navigation.NavigateTo(Urls.ForRun(run.Id)));
            });
        }
    }

    private string Name(BackupRow row) => $"{row.DatabaseName} of {Moment(row)}";

    private string Moment(BackupRow row) => MomentWords.Precise(row.Backup.TakenAt, Time.GetUtcNow(), Viewer.Zone);
}

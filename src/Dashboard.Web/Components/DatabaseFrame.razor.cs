using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Fleet;
using Dashboard.Core.Jobs;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Dashboard.Web.Components;

public sealed partial class DatabaseFrame
{
    /// <summary>Among which the one that has just ended is looked for; the queue of one database is shorter.</summary>
    private const int LastRuns = 20;

    private static readonly TimeSpan JustEnded = TimeSpan.FromSeconds(15);

    private DatabaseView? _view;
    private UndoOffer? _undo;
    private RunRow? _ended;
    private FeedSnapshot _feed = FeedSnapshot.Empty;
    private Exception? _fault;
    private DateTimeOffset _newsSince;
    private long _loaded;
    private bool _isMissing;
    private bool _isAsking;
    private bool _countsRows;

    [Parameter, EditorRequired] public string Slug { get; set; } = "";

    [Parameter, EditorRequired] public required RenderFragment<DatabaseView> ChildContent { get; set; }

    [Inject] public required ReadFleet Fleet { get; set; }

    [Inject] public required ReadBackups Backups { get; set; }

    [Inject] public required ReadRuns Runs { get; set; }

    [Inject] public required EngineCatalog Engines { get; set; }

    [Inject] public required LiveStates States { get; set; }

    [Inject] public required JobFeed Feed { get; set; }

    [Inject] public required AskForRun Ask { get; set; }

    [Inject] public required AskForRestore Restore { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required TimeProvider Time { get; set; }

    [Inject] public required ISnackbar Toasts { get; set; }

    [Inject] public required IDialogService Dialogs { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        if (_view?.Database.Slug != Slug)
        {
            _feed = Feed.Snapshot();
            _newsSince = Time.GetUtcNow() - JustEnded;
            _ended = null;
            await LoadAsync();
        }
    }

    private async Task LoadAsync()
    {
        try
        {
            // The version of what is loaded, not of what was heard of: a tab that loads anew must find the new row.
            var version = _feed.Version;
            var row = await Fleet.FindAsync(Viewer.Actor, Slug, CancellationToken.None);
            _isMissing = row is null;
            if (row is not null)
            {
                _undo = await Backups.FindUndoAsync(Viewer.Actor, row.Database.Id, CancellationToken.None);
                _ended = await FindEndedAsync(row.Database.Id) ?? _ended;
            }

            _loaded = version;
            _view = row is null ? null : View(row);
            _fault = null;
        }
        catch (Exception fault)
        {
            _fault = fault;
        }
    }

    private void Took(FeedSnapshot snapshot)
    {
        _feed = snapshot;
        Judge();
    }

    private void Judge()
    {
        if (_view is { } view)
        {
            _view = View(view.Row);
        }
    }

    private DatabaseView View(FleetRow row)
    {
        var runs = _feed.Of(row.Database.Subject).ToList();
        var reading = States.Last(row.Database.Id);
        return new DatabaseView(row, reading, JudgeDatabase.Judge(reading, row.Standing, row.Health, runs.Count > 0, Time.GetUtcNow()), runs, _loaded);
    }

    /// <summary>
    /// A run that ended while this page was open, or just before: its sentence stands where the bar was. Asked of the store and not of the feed,
    /// which a run of a small database leaves before anybody has looked.
    /// </summary>
    private async Task<RunRow?> FindEndedAsync(Guid databaseId)
    {
        var (last, _) = await Runs.ListAsync(Viewer.Actor, new RunFilter(databaseId, Take: LastRuns), CancellationToken.None);
        var ended = last.Where(run => run.EndedAt > _newsSince).MaxBy(run => run.EndedAt);
        _newsSince = ended?.EndedAt ?? _newsSince;
        return ended;
    }

    private async Task BackUpAsync()
    {
        _ended = null;
        await TryAsync(() => Ask.AskAsync(Viewer.Actor, JobKeys.Backup, _view!.Database.Subject, _countsRows ? new BackupWish(true) : null, CancellationToken.None));
    }

    private async Task UndoAsync()
    {
        _ended = null;
        await TryAsync(() => OtherLogin.WithAsync(Dialogs, _view!.Database.Id, login => Restore.UndoAsync(Viewer.Actor, _undo!.RestoreId, CancellationToken.None, login)));
    }

    private async Task TryAsync(Func<Task> ask)
    {
        _isAsking = true;
        try
        {
            await ask();
            _feed = Feed.Snapshot();
            await LoadAsync();
        }
        catch (Exception fault) when (fault is DatabaseException or RunConflictException)
        {
            Toasts.Add(fault.Message, Severity.Error, toast => toast.RequireInteraction = true);
        }
        finally
        {
            _isAsking = false;
        }
    }

    private static string Told(RunRow ended) => (ended.Problem is not null && ended.Summary is null ? ended.Problem : ended.Summary) ?? "";

    private static string ToneOf(RunState state) => state switch
    {
        RunState.Succeeded => "ok",
        RunState.Failed => "bad",
        RunState.Cancelled => "",
        _ => "warn",
    };
}

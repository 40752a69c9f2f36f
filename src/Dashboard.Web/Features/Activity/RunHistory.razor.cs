using Dashboard.Core.Jobs;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Web.Features.Activity;

public sealed partial class RunHistory
{
    private const int PageSize = 25;

    /// <summary>The words of the address and of the list.</summary>
    private static readonly (string Word, RunState Outcome, string Title)[] Outcomes =
    [
        ("failed", RunState.Failed, "Failed"),
        ("interrupted", RunState.Interrupted, "Interrupted"),
        ("warnings", RunState.SucceededWithWarnings, "With warnings"),
        ("cancelled", RunState.Cancelled, "Cancelled"),
        ("succeeded", RunState.Succeeded, "Succeeded"),
    ];

    private static readonly (string Key, string Title)[] Jobs =
    [
        (JobKeys.Backup, "Backups"),
        (JobKeys.CheckBackup, "Checks of backups"),
        (JobKeys.Restore, "Restores"),
        (JobKeys.Undo, "Undone restores"),
        (JobKeys.RestoreCopy, "Restores as a copy"),
        (JobKeys.Maintenance, "Maintenance"),
        (JobKeys.Retention, "Removed old rows"),
        (JobKeys.Health, "Health checks"),
        (JobKeys.RemoveOrphans, "Removed orphaned rows"),
        (JobKeys.CreateIndex, "Created indexes"),
        (JobKeys.DropIndex, "Removed indexes"),
        (JobKeys.RestoreForeign, "Restores of foreign archives"),
        (JobKeys.RestoreForeignAsNew, "Foreign dumps as a copy"),
    ];

    private static readonly Dictionary<string, object?> Cleared = new() { ["state"] = null, ["job"] = null, ["page"] = null };

    private IReadOnlyList<RunRow>? _runs;
    private int _total;
    private Exception? _fault;
    private (Guid?, long, int, RunState?, string?)? _loaded;

    /// <summary>Null for the runs of all databases.</summary>
    [Parameter] public Guid? DatabaseId { get; set; }

    /// <summary>The list is loaded anew when it rises.</summary>
    [Parameter, EditorRequired] public long Version { get; set; }

    [SupplyParameterFromQuery(Name = "state")] public string? State { get; set; }

    [SupplyParameterFromQuery(Name = "job")] public string? Job { get; set; }

    [SupplyParameterFromQuery(Name = "page")] public int? Page { get; set; }

    [Inject] public required ReadRuns Runs { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required NavigationManager Navigation { get; set; }

    private int Shown => Math.Max(1, Page ?? 1);

    private RunState? OutcomeShown => Outcomes.Where(outcome => outcome.Word == State).Select(outcome => (RunState?)outcome.Outcome).FirstOrDefault();

    protected override async Task OnParametersSetAsync()
    {
        var wanted = (DatabaseId, Version, Shown, OutcomeShown, Job);
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
            (_runs, _total) = await Runs.ListAsync(Viewer.Actor, new RunFilter(DatabaseId, Job, OutcomeShown, (Shown - 1) * PageSize, PageSize, OnlyEnded: true), CancellationToken.None);
            _fault = null;
        }
        catch (Exception fault)
        {
            _fault = fault;
        }
    }

    private void Filter(string name, ChangeEventArgs change) => Navigation.NavigateTo(
        Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { [name] = change.Value is string { Length: > 0 } word ? word : null, ["page"] = null }),
        replace: true);
}

using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Dashboard.Web.Features.Maintenance;

public sealed partial class DoneList
{
    private const int PageSize = 15;

    private IReadOnlyList<MaintenanceRecord>? _records;
    private int _total;
    private Exception? _fault;
    private (Guid, long, int)? _loaded;
    private IReadOnlyDictionary<Guid, string> _removable = new Dictionary<Guid, string>();
    private bool _isAsking;

    [Parameter, EditorRequired] public required Database Database { get; set; }

    /// <summary>The list is loaded anew when it rises.</summary>
    [Parameter, EditorRequired] public long Version { get; set; }

    /// <summary>What waits or runs for this database.</summary>
    [Parameter, EditorRequired] public required IReadOnlyList<LiveRun> Runs { get; set; }

    [SupplyParameterFromQuery(Name = "page")] public int? Page { get; set; }

    [Inject] public required ReadMaintenance Maintenance { get; set; }

    [Inject] public required AskForIndex Indexes { get; set; }

    [Inject] public required ISnackbar Toasts { get; set; }

    [Inject] public required EngineCatalog Engines { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    private string? Busy => Runs.FirstOrDefault(run => run.Writes) is { } run ? $"“{run.Title}” is not finished yet." : null;

    private int Shown => Math.Max(1, Page ?? 1);

    protected override async Task OnParametersSetAsync()
    {
        if (_loaded != (Database.Id, Version, Shown))
        {
            _loaded = (Database.Id, Version, Shown);
            await LoadAsync();
        }
    }

    private async Task LoadAsync()
    {
        try
        {
            (_records, _total) = await Maintenance.ListDoneAsync(Viewer.Actor, Database.Id, (Shown - 1) * PageSize, PageSize, CancellationToken.None);
            _removable = await Indexes.FindRemovableAsync(Viewer.Actor, Database, [.. _records], CancellationToken.None);
            _fault = null;
        }
        catch (Exception fault)
        {
            _fault = fault;
        }
    }

    private async Task RemoveAsync(MaintenanceRecord record)
    {
        _isAsking = true;
        try
        {
            await Indexes.AskToRemoveAsync(Viewer.Actor, Database, record.RunId, CancellationToken.None);
        }
        catch (Exception fault) when (fault is RunConflictException or DatabaseException)
        {
            Toasts.Add(fault.Message, Severity.Error, toast => toast.RequireInteraction = true);
        }
        finally
        {
            _isAsking = false;
        }
    }

    /// <summary>The bare key for a task that this build no longer has.</summary>
    private string TitleOf(MaintenanceRecord record) => record.Task switch
    {
        JobKeys.RemoveOrphans => "Remove orphaned rows",
        JobKeys.CreateIndex => "Create index",
        JobKeys.DropIndex => "Remove index",
        var key => (Engines.For(Database) as IMaintained)?.Tasks.FirstOrDefault(task => task.Description.Key == key)?.Description.Title ?? key,
    };
}

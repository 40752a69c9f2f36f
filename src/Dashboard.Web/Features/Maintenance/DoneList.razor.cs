using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Web.Features.Maintenance;

public sealed partial class DoneList
{
    private const int PageSize = 15;

    private IReadOnlyList<MaintenanceRecord>? _records;
    private int _total;
    private Exception? _fault;
    private (Guid, long, int)? _loaded;

    [Parameter, EditorRequired] public required Database Database { get; set; }

    /// <summary>The list is loaded anew when it rises.</summary>
    [Parameter, EditorRequired] public long Version { get; set; }

    [SupplyParameterFromQuery(Name = "page")] public int? Page { get; set; }

    [Inject] public required ReadMaintenance Maintenance { get; set; }

    [Inject] public required EngineCatalog Engines { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

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
            _fault = null;
        }
        catch (Exception fault)
        {
            _fault = fault;
        }
    }

    /// <summary>The bare key for a task that this build no longer has.</summary>
    private string TitleOf(MaintenanceRecord record) => record.Task switch
    {
        JobKeys.RemoveOrphans => "Remove orphaned rows",
        var key => (Engines.For(Database) as IMaintained)?.Tasks.FirstOrDefault(task => task.Description.Key == key)?.Description.Title ?? key,
    };
}

using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Metrics;
using Dashboard.Web.Components;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Web.Features.Databases;

public sealed partial class TableInventory
{
    private static readonly Dictionary<string, object?> Cleared = new() { ["filter"] = null, ["page"] = null };

    private readonly HeldRows<TableLine> _rows = new(line => line.Name);
    private LiveReading<TableList> _reading = new(null, null, null);
    private SizesAtBackup? _backup;
    private IReadOnlyDictionary<string, Growth> _growths = new Dictionary<string, Growth>();
    private TableQuery _query = new();
    private (Guid, long)? _loaded;
    private int _total;

    [Parameter, EditorRequired] public required Database Database { get; set; }

    /// <summary>The sizes of the last backup are loaded anew when it rises.</summary>
    [Parameter, EditorRequired] public long Version { get; set; }

    [SupplyParameterFromQuery(Name = "sort")] public string? Sort { get; set; }

    [SupplyParameterFromQuery(Name = "desc")] public bool? Descending { get; set; }

    [SupplyParameterFromQuery(Name = "filter")] public string? FilterWords { get; set; }

    [SupplyParameterFromQuery(Name = "page")] public int? Page { get; set; }

    [Inject] public required LiveTables Live { get; set; }

    [Inject] public required ReadSizes Sizes { get; set; }

    [Inject] public required ReadGrowth Growth { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required NavigationManager Navigation { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        var wanted = TableQuery.Read(Sort, Descending, FilterWords, Page);
        var isAsked = wanted != _query;
        _query = wanted;
        if (_loaded != (Database.Id, Version))
        {
            _loaded = (Database.Id, Version);
            _backup = await Sizes.LastAsync(Viewer.Actor, Database.Id, CancellationToken.None);
            await LoadGrowthAsync();
        }

        Take();
        if (isAsked)
        {
            // Who presses a head or types points at the table, and wants to see what was asked for.
            Apply();
        }
    }

    private async Task LoadGrowthAsync() => _growths = await Growth.OfTablesAsync(Viewer.Actor, Database.Id, Metric.TableRows, CancellationToken.None);

    private void Take()
    {
        _reading = Live.Last(Database);
        if (_reading.Value is not { } list)
        {
            return;
        }

        var lines = TableGrowth.Join(DescribeTables.Of(list, _backup, table => Live.Of(Database.Id, table)), _growths);
        var arranged = _query.Arrange(lines);
        _total = arranged.Count;
        _rows.Take([.. arranged.Skip((_query.Page - 1) * TableQuery.PageSize).Take(TableQuery.PageSize)], name => lines.FirstOrDefault(line => line.Name == name));
    }

    private void Hold(bool isHeld)
    {
        _rows.IsHeld = isHeld;
        if (!isHeld)
        {
            Apply();
        }
    }

    private void Apply() => _rows.Apply();

    private async Task ReadAsync()
    {
        await Live.ReadAsync(Viewer.Actor, Database, CancellationToken.None);
        Take();
    }

    private static string Foot(TableList list)
    {
        var other = list.OtherBytes is { } bytes ? $" {(bytes.IsExact ? "" : "≈ ")}{Words.Bytes(bytes.Value)} are the catalogue and what is no table" : "";
        var free = list.FreeBytes is { } room ? $"{(other.Length > 0 ? ", " : " ")}{Words.Bytes(room)} are free" : "";
        var parts = other.Length + free.Length > 0 ? $"Of {Words.Bytes(list.TotalBytes)},{other}{free}." : $"{Words.Bytes(list.TotalBytes)} in all.";
        return $"{parts} ≈ is estimated from {list.EstimatedFrom}; “as of” is exact, from the checked copy of that backup.";
    }
}

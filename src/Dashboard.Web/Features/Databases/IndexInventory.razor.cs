using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Databases.Indexes;
using Dashboard.Web.Components;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Web.Features.Databases;

public sealed partial class IndexInventory
{
    private static readonly Dictionary<string, object?> Cleared = new() { ["filter"] = null, ["needless"] = null, ["page"] = null };

    private readonly HeldRows<IndexLine> _rows = new(KeyOf);
    private LiveReading<IndexList> _reading = new(null, null, null);
    private IReadOnlyList<MissingIndex> _missing = [];
    private SizesAtBackup? _backup;
    private IndexQuery _query = new();
    private (Guid, long)? _loaded;
    private int _total;
    private int _needless;
    private bool _showsUse;

    [Parameter, EditorRequired] public required Database Database { get; set; }

    /// <summary>The sizes of the last backup are loaded anew when it rises.</summary>
    [Parameter, EditorRequired] public long Version { get; set; }

    [SupplyParameterFromQuery(Name = "sort")] public string? Sort { get; set; }

    [SupplyParameterFromQuery(Name = "desc")] public bool? Descending { get; set; }

    [SupplyParameterFromQuery(Name = "filter")] public string? FilterWords { get; set; }

    [SupplyParameterFromQuery(Name = "needless")] public bool? Needless { get; set; }

    [SupplyParameterFromQuery(Name = "page")] public int? Page { get; set; }

    [Inject] public required LiveIndexes Live { get; set; }

    [Inject] public required ReadSizes Sizes { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required NavigationManager Navigation { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        var wanted = IndexQuery.Read(Sort, Descending, FilterWords, Needless, Page);
        var isAsked = wanted != _query;
        _query = wanted;
        if (_loaded != (Database.Id, Version))
        {
            _loaded = (Database.Id, Version);
            _backup = await Sizes.LastAsync(Viewer.Actor, Database.Id, CancellationToken.None);
        }

        Take();
        if (isAsked)
        {
            Apply();
        }
    }

    private void Take()
    {
        _reading = Live.Last(Database);
        if (_reading.Value is not { } list)
        {
            return;
        }

        _showsUse = list.Indexes.Any(index => index.Uses is not null);
        var lines = IndexLine.Of(list, _backup);
        var arranged = _query.Arrange(lines);
        (_total, _needless, _missing) = (arranged.Count, lines.Count(line => line.IsNeedless), ForeignKeyCover.FindMissing(list));
        _rows.Take([.. arranged.Skip((_query.Page - 1) * IndexQuery.PageSize).Take(IndexQuery.PageSize)], key => lines.FirstOrDefault(line => KeyOf(line) == key));
    }

    private static string KeyOf(IndexLine line) => $"{line.Index.Table}\0{line.Index.Name}";

    private void Hold(bool isHeld)
    {
        _rows.IsHeld = isHeld;
        if (!isHeld)
        {
            Apply();
        }
    }

    private void Apply() => _rows.Apply();

    private void ShowNeedless(ChangeEventArgs change) => Navigation.NavigateTo(
        Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["needless"] = change.Value is true ? "true" : null, ["page"] = null }),
        replace: true);

    private async Task ReadAsync()
    {
        await Live.ReadAsync(Viewer.Actor, Database, CancellationToken.None);
        Take();
    }

    private static string Foot(IndexList list) => list.Indexes.Any(index => index.RowsPerValue is not null)
        ? "“Rows a value” is the mean of rows that share all columns of an index, from the statistics of the last ANALYZE; fewer is better."
        : "There are no statistics on how many rows share a value: run ANALYZE.";
}

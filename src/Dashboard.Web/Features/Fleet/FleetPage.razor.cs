using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Fleet;
using Dashboard.Core.Jobs;
using Dashboard.Core.Metrics;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using MudBlazor;

namespace Dashboard.Web.Features.Fleet;

public sealed partial class FleetPage
{
    /// <summary>As many are seen at a glance.</summary>
    private const int FilterAbove = 8;

    private const int PageSize = 50;

    private readonly HashSet<string> _typed = [];
    private IReadOnlyList<FleetRow>? _rows;
    private IReadOnlyDictionary<Guid, Growth> _growths = new Dictionary<Guid, Growth>();
    private IReadOnlyList<Database> _removed = [];
    private FleetQuery _query = FleetQuery.Parse(null, null, null, null, null);
    private List<Guid> _order = [];
    private FeedSnapshot _feed = FeedSnapshot.Empty;
    private Exception? _fault;
    private string _filter = "";
    private Guid? _open;
    private long _since;
    private HashSet<Guid> _known = [];

    /// <summary>What the rows are filtered by.</summary>
    [SupplyParameterFromQuery(Name = "q")] public string? Query { get; set; }

    [SupplyParameterFromQuery] public string? Status { get; set; }

    [SupplyParameterFromQuery] public string? Tag { get; set; }

    [SupplyParameterFromQuery] public string? Sort { get; set; }

    [SupplyParameterFromQuery] public bool? Desc { get; set; }

    [SupplyParameterFromQuery] public int? Page { get; set; }

    /// <summary>The span of the chart: "7d", or both ends.</summary>
    [SupplyParameterFromQuery] public string? Range { get; set; }

    [SupplyParameterFromQuery] public string? From { get; set; }

    [SupplyParameterFromQuery] public string? To { get; set; }

    [Inject] public required ReadFleet Fleet { get; set; }

    [Inject] public required ReadGrowth Growth { get; set; }

    [Inject] public required JobFeed Feed { get; set; }

    [Inject] public required LiveStates States { get; set; }

    [Inject] public required AskForRun Ask { get; set; }

    [Inject] public required IOptionsMonitor<DashboardOptions> Options { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required TimeProvider Time { get; set; }

    [Inject] public required ISnackbar Toasts { get; set; }

    [Inject] public required NavigationManager Navigation { get; set; }

    private bool HasFilter => _rows!.Count > FilterAbove || _query.IsFiltered || AllTags.Count > 0;

    private IReadOnlyList<string> AllTags => [.. _rows!.SelectMany(row => row.Database.TagList).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>What the address asks for, or the last page where there are fewer.</summary>
    private int Shown => Math.Clamp(Page ?? 1, 1, Math.Max(1, (_order.Count + PageSize - 1) / PageSize));

    private string NothingWords => (_query.Status, _query.Text.Length > 0) switch
    {
        (_, true) => $"No database has “{_query.Text}” in its name, place or tags.",
        (FleetQuery.Attention, _) => "No database needs attention.",
        (FleetQuery.Unprotected, _) => "Every database has a good backup.",
        (FleetQuery.Working, _) => "No run is at work.",
        (FleetQuery.Healthy, _) => "No database is healthy.",
        _ => $"No database has the tag “{_query.Tag}”.",
    };

    /// <summary>One sentence for somebody who has ten seconds: all well, or the worst of it. The sample has no say in it.</summary>
    private string Verdict
    {
        get
        {
            var judged = _rows!.Where(row => !row.Database.IsSample).Select(row => (row.Database.Name, Judgement: Judge(row))).ToList();
            var bad = judged.Where(row => row.Judgement.Status >= DatabaseStatus.Attention).OrderByDescending(row => row.Judgement.Status).ToList();
            var working = judged.Count(row => row.Judgement.Status == DatabaseStatus.Working);
            return (judged.Count, bad.Count, working) switch
            {
                (0, _, _) => "",
                (1, 0, 1) => $"A run is at work on {judged[0].Name}.",
                (1, 0, 0) => $"{judged[0].Name} is backed up and checked.",
                (2, 0, 0) => "Both databases are backed up and checked.",
                (var all, 0, 0) => $"All {all} databases are backed up and checked.",
                (var all, 0, var busy) when busy == all => $"Runs are at work on all {all} databases.",
                (_, 0, 1) => "A run is at work on one database; the others are backed up and checked.",
                (_, 0, var busy) => $"Runs are at work on {busy} databases; the others are backed up and checked.",
                (_, 1, _) => $"{bad[0].Name}: {bad[0].Judgement.Sentence}",
                _ => $"{bad[0].Name}: {bad[0].Judgement.Sentence} {(bad.Count == 2 ? bad[1].Name + " needs" : $"{bad.Count - 1} others need")} a look too.",
            };
        }
    }

    protected override Task OnInitializedAsync()
    {
        _since = Feed.Snapshot().Version;
        return LoadAsync();
    }

    protected override void OnParametersSet()
    {
        // The address follows the keys by a moment: what was typed before and comes late is not put back into the field.
        var asked = Query ?? "";
        if (asked == _filter)
        {
            _typed.Clear();
        }
        else if (!_typed.Contains(asked))
        {
            _filter = asked;
        }

        var query = FleetQuery.Parse(_filter, Status, Tag, Sort, Desc);
        if (query != _query)
        {
            _query = query;
            Reorder();
        }
    }

    private async Task LoadAsync()
    {
        try
        {
            var rows = await Fleet.ListAsync(Viewer.Actor, CancellationToken.None);
            var removed = await Fleet.ListRemovedAsync(Viewer.Actor, Options.CurrentValue.TrashDays, Time, CancellationToken.None);
            var growths = await Growth.OfDatabasesAsync(Viewer.Actor, [.. rows.Select(row => row.Database.Id)], CancellationToken.None);

            // Taken over at once: the page is drawn between any two awaits, and rows without their order would be an empty fleet.
            var isFirst = _rows is null;
            (_rows, _removed, _growths, _fault) = (rows, removed, growths, null);
            if (isFirst)
            {
                Reorder();
            }
            else
            {
                KeepOrder();
            }
        }
        catch (Exception fault)
        {
            _fault = fault;
        }
    }

    private async Task LoadGrowthAsync()
    {
        if (_rows is { } rows)
        {
            _growths = await Growth.OfDatabasesAsync(Viewer.Actor, [.. rows.Select(row => row.Database.Id)], CancellationToken.None);
        }
    }

    private void Reorder()
    {
        _known = _rows is null ? [] : [.. _rows.Select(row => row.Database.Id)];
        _order = _rows is null ? [] : [.. _query.Apply(Items().Values).Select(item => item.Row.Database.Id)];
    }

    /// <summary>A row does not move or vanish under the pointer because it is well again; only a new one makes a new order.</summary>
    private void KeepOrder()
    {
        var ids = _rows!.Select(row => row.Database.Id).ToHashSet();
        if (ids.IsSubsetOf(_known))
        {
            _order.RemoveAll(id => !ids.Contains(id));

            // One that was removed is new when it is brought back.
            _known.IntersectWith(ids);
        }
        else
        {
            Reorder();
        }
    }

    private Dictionary<Guid, FleetItem> Items() => _rows!.ToDictionary(row => row.Database.Id, row =>
    {
        var growth = _growths.GetValueOrDefault(row.Database.Id, Core.Metrics.Growth.Unknown);
        var reading = States.Last(row.Database.Id);
        var isProtected = row.Standing.IsKeptAt(Time.GetUtcNow()) && (reading.Problem is null || RunOf(row) is not null);
        return new FleetItem(row, Judge(row), reading.State?.SizeBytes ?? (long?)growth.Latest?.Value, growth, isProtected);
    });

    private IReadOnlyList<Guid> OnPage() => [.. _order.Skip((Shown - 1) * PageSize).Take(PageSize)];

    private void Took(FeedSnapshot snapshot) => _feed = snapshot;

    /// <summary>Being called renders the page; the numbers stand in <see cref="LiveStates"/>.</summary>
    private static void Read()
    {
    }

    private void Filter(string? text)
    {
        _filter = text ?? "";
        _typed.Add(_filter);
        _query = _query with { Text = _filter.Trim() };
        Reorder();
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["q"] = _filter.Length == 0 ? null : _filter, ["page"] = null }), replace: true);
    }

    private void ShowAll()
    {
        _filter = "";
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["q"] = null, ["status"] = null, ["tag"] = null, ["page"] = null }));
    }

    private string TagAddress(string tag) => Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["tag"] = _query.Tag == tag ? null : tag, ["page"] = null });

    private void Toggle(FleetRow row) => _open = _open == row.Database.Id ? null : row.Database.Id;

    private static bool IsOwn(FleetRow row) => row.Database is { IsSample: false, IsOwnStore: false };

    private LiveRun? RunOf(FleetRow row) => _feed.Of(row.Database.Subject).FirstOrDefault();

    private Judgement Judge(FleetRow row) => JudgeDatabase.Judge(States.Last(row.Database.Id), row.Standing, row.Health, RunOf(row) is not null, Time.GetUtcNow());

    private async Task BackUpAsync(FleetRow row)
    {
        _open = null;
        await Ask.AskAsync(Viewer.Actor, JobKeys.Backup, row.Database.Subject, null, CancellationToken.None);
    }

    private async Task BackUpAllAsync()
    {
        foreach (var row in _rows ?? [])
        {
            await BackUpAsync(row);
        }

        Toasts.Add($"{Words.Count(_rows?.Count ?? 0, "backup")} asked for; they run one after the other.", Severity.Info);
    }
}

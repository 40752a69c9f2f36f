using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Fleet;
using Dashboard.Core.Jobs;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using MudBlazor;

namespace Dashboard.Web.Features.Fleet;

public sealed partial class FleetPage
{
    /// <summary>As many are seen at a glance.</summary>
    private const int FilterAbove = 8;

    private readonly HashSet<string> _typed = [];
    private IReadOnlyList<FleetRow>? _rows;
    private IReadOnlyList<Database> _removed = [];
    private IReadOnlyList<FleetRow>? _shown;
    private FeedSnapshot _feed = FeedSnapshot.Empty;
    private Exception? _fault;
    private string _filter = "";
    private Guid? _open;

    /// <summary>What the rows are filtered by.</summary>
    [SupplyParameterFromQuery(Name = "q")] public string? Query { get; set; }

    [Inject] public required ReadFleet Fleet { get; set; }

    [Inject] public required LiveStates States { get; set; }

    [Inject] public required AskForRun Ask { get; set; }

    [Inject] public required IOptionsMonitor<DashboardOptions> Options { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required TimeProvider Time { get; set; }

    [Inject] public required ISnackbar Toasts { get; set; }

    [Inject] public required NavigationManager Navigation { get; set; }

    private bool HasFilter => _rows!.Count > FilterAbove || _filter.Length > 0;

    private IReadOnlyList<FleetRow> Shown => _shown ??= _filter.Length == 0 ? _rows! : [.. _rows!.Where(Fits)];

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

    protected override Task OnInitializedAsync() => LoadAsync();

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
            (_filter, _shown) = (asked, null);
        }
    }

    private async Task LoadAsync()
    {
        try
        {
            _rows = await Fleet.ListAsync(Viewer.Actor, CancellationToken.None);
            _removed = await Fleet.ListRemovedAsync(Viewer.Actor, Options.CurrentValue.TrashDays, Time, CancellationToken.None);
            (_shown, _fault) = (null, null);
        }
        catch (Exception fault)
        {
            _fault = fault;
        }
    }

    private void Took(FeedSnapshot snapshot) => _feed = snapshot;

    /// <summary>Being called renders the page; the numbers stand in <see cref="LiveStates"/>.</summary>
    private static void Read()
    {
    }

    private void Filter(string? text)
    {
        (_filter, _shown) = (text ?? "", null);
        _typed.Add(_filter);
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("q", _filter.Length == 0 ? null : _filter), replace: true);
    }

    private bool Fits(FleetRow row) =>
        row.Database.Name.Contains(_filter.Trim(), StringComparison.OrdinalIgnoreCase)
        || row.Database.Location.Contains(_filter.Trim(), StringComparison.OrdinalIgnoreCase);

    private void Toggle(FleetRow row) => _open = _open == row.Database.Id ? null : row.Database.Id;

    private static bool IsOwn(FleetRow row) => row.Database is { IsSample: false, IsOwnStore: false };

    private LiveRun? RunOf(FleetRow row) => _feed.Of(row.Database.Subject).FirstOrDefault();

    private Judgement Judge(FleetRow row) => JudgeDatabase.Judge(States.Last(row.Database.Id), row.Standing, RunOf(row) is not null, Time.GetUtcNow());

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

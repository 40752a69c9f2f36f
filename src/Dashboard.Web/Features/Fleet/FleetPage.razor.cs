using Dashboard.Core.Databases;
using Dashboard.Core.Fleet;
using Dashboard.Core.Jobs;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Dashboard.Web.Features.Fleet;

public sealed partial class FleetPage
{
    private IReadOnlyList<FleetRow>? _rows;
    private FeedSnapshot _feed = FeedSnapshot.Empty;
    private Exception? _fault;

    [Inject] public required ReadFleet Fleet { get; set; }

    [Inject] public required LiveStates States { get; set; }

    [Inject] public required AskForRun Ask { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required TimeProvider Time { get; set; }

    [Inject] public required ISnackbar Toasts { get; set; }

    /// <summary>One sentence for somebody who has ten seconds: all well, or the worst of it.</summary>
    private string Verdict
    {
        get
        {
            var judged = _rows!.Select(row => (row.Database.Name, Judgement: Judge(row))).ToList();
            var bad = judged.Where(row => row.Judgement.Status >= DatabaseStatus.Attention).OrderByDescending(row => row.Judgement.Status).ToList();
            return (judged.Count, bad.Count) switch
            {
                (0, _) => "",
                (var all, 0) => all == 1 ? "The one database is backed up and checked." : $"All {all} databases are backed up and checked.",
                (_, 1) => $"{bad[0].Name}: {bad[0].Judgement.Sentence}",
                _ => $"{bad[0].Name}: {bad[0].Judgement.Sentence} {(bad.Count == 2 ? bad[1].Name + " needs" : $"{bad.Count - 1} others need")} a look too.",
            };
        }
    }

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            _rows = await Fleet.ListAsync(Viewer.Actor, CancellationToken.None);
            _fault = null;
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

    private LiveRun? RunOf(FleetRow row) => _feed.Of(row.Database.Subject).FirstOrDefault();

    private Judgement Judge(FleetRow row) => JudgeDatabase.Judge(States.Last(row.Database.Id), row.Standing, RunOf(row) is not null, Time.GetUtcNow());

    private async Task BackUpAsync(FleetRow row) => await Ask.AskAsync(Viewer.Actor, JobKeys.Backup, row.Database.Subject, null, CancellationToken.None);

    private async Task BackUpAllAsync()
    {
        foreach (var row in _rows ?? [])
        {
            await BackUpAsync(row);
        }

        Toasts.Add($"{Words.Count(_rows?.Count ?? 0, "backup")} asked for; they run one after the other.", Severity.Info);
    }
}

using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Fleet;
using Dashboard.Core.Jobs;
using Dashboard.Core.Schedules;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Web.Features.Databases;

/// <summary>The switch of a database's daily backup, with the next time.</summary>
public sealed partial class DailyBackup
{
    private FleetRow? _row;
    private bool? _wanted;
    private bool? _counts;
    private bool _isSaving;
    private Exception? _fault;

    [Parameter, EditorRequired] public required FleetRow Row { get; set; }

    [Inject] public required SetSchedule Schedules { get; set; }

    [Inject] public required EngineCatalog Engines { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    /// <summary>What counting costs; null where the engine does not offer it.</summary>
    private string? CountingCost => (Engines.For(Row.Database) as IStreamedBackup)?.CountingCost;

    private bool Counts => _counts ?? Row.Schedule?.Arguments == SetSchedule.Write(new BackupWish(true));

    private bool IsOn => _wanted ?? Row.Schedule?.IsOn == true;

    /// <summary>A schedule keeps the zone in which it was switched on; a new one takes that of whoever is looking.</summary>
    private string Zone => Row.Schedule is { IsOn: true } schedule ? schedule.Zone : Viewer.Zone.Id;

    private string Cron => Row.Schedule?.Cron ?? SetSchedule.Daily;

    private string Label => Cron == SetSchedule.Daily ? "Back up daily at 02:00" : $"Back up by plan ({Cron})";

    protected override void OnParametersSet()
    {
        if (!ReferenceEquals(_row, Row))
        {
            (_row, _wanted, _counts) = (Row, _isSaving ? _wanted : null, _isSaving ? _counts : null);
        }
    }

    private Task SetAsync(bool isOn) => SetAsync(isOn, Counts);

    private Task CountAsync(bool counts) => SetAsync(IsOn, counts);

    private async Task SetAsync(bool isOn, bool counts)
    {
        (_wanted, _counts, _isSaving, _fault) = (isOn, counts, true, null);
        try
        {
            await Schedules.SetAsync(Viewer.Actor, Row.Database.Subject, JobKeys.Backup, isOn, Cron, Zone, CancellationToken.None, counts ? new BackupWish(true) : null, isOnlyOne: true);
        }
        catch (Exception fault)
        {
            (_wanted, _counts, _fault) = (null, null, fault);
        }
        finally
        {
            _isSaving = false;
        }
    }
}

using Dashboard.Core.Databases;
using Dashboard.Core.Fleet;
using Dashboard.Core.Jobs;
using Dashboard.Core.Metrics;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace Dashboard.Web.Features.Fleet;

/// <summary>A database of the fleet. It renders when something that it shows is different: hundreds of rows stay quiet while one works.</summary>
public sealed partial class FleetLine
{
    /// <summary>Ages are shown in minutes, so this often every row is drawn anew.</summary>
    private static readonly TimeSpan AgesAreRight = TimeSpan.FromSeconds(20);

    private ElementReference _opener;
    private ElementReference _first;
    private Looks? _looks;
    private bool _wasOpen;

    [Parameter, EditorRequired] public required FleetRow Row { get; set; }

    [Parameter, EditorRequired] public required DatabaseReading Reading { get; set; }

    [Parameter, EditorRequired] public required Judgement Judgement { get; set; }

    [Parameter, EditorRequired] public required Growth Growth { get; set; }

    /// <summary>The live size, or the newest sample of it.</summary>
    [Parameter, EditorRequired] public long? SizeBytes { get; set; }

    [Parameter, EditorRequired] public DateTimeOffset Now { get; set; }

    [Parameter] public LiveRun? Run { get; set; }

    /// <summary>Whether its menu is open; one of all rows at a time.</summary>
    [Parameter] public bool IsOpen { get; set; }

    [Parameter] public EventCallback OnMenu { get; set; }

    [Parameter] public EventCallback OnBackUp { get; set; }

    private string? GrowthWords => (Growth.MonthAgo ?? Growth.WeekAgo ?? Growth.DayAgo, Growth.Latest) switch
    {
        ({ Value: > 0 } before, { } latest) => Math.Round(100 * (latest.Value - before.Value) / before.Value) switch
        {
            0 => "0 %",
            var percent => $"{(percent > 0 ? "+" : "−")}{Math.Abs(percent).ToString("N0", System.Globalization.CultureInfo.InvariantCulture)} %",
        },
        _ => null,
    };

    protected override bool ShouldRender()
    {
        var looks = new Looks(Row, Growth, SizeBytes, Reading.Problem, Judgement.Status, Judgement.Status == DatabaseStatus.Healthy ? null : Judgement.Sentence, Run, IsOpen, Now.Ticks / AgesAreRight.Ticks);
        var isNew = looks != _looks;
        _looks = looks;
        return isNew;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (IsOpen && !_wasOpen)
        {
            await _first.FocusAsync();
        }

        _wasOpen = IsOpen;
    }

    private async Task KeyAsync(KeyboardEventArgs key)
    {
        if (key.Key == "Escape" && IsOpen)
        {
            await OnMenu.InvokeAsync();
            await _opener.FocusAsync();
        }
    }

    private sealed record Looks(FleetRow Row, Growth Growth, long? SizeBytes, string? Problem, DatabaseStatus Status, string? Sentence, LiveRun? Run, bool IsOpen, long Age);
}

using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Web.Features.Health;

public sealed partial class CheckForm
{
    private readonly Dictionary<string, string> _values = [];
    private bool _isAsked = true;
    private bool _isCritical;
    private bool _isExpected;
    private DateOnly? _until;
    private string? _why;
    private bool _isSaving;
    private Exception? _fault;

    /// <summary>Null for the installation.</summary>
    [Parameter, EditorRequired] public required Database? Database { get; set; }

    [Parameter, EditorRequired] public required HealthLine Line { get; set; }

    [Parameter] public EventCallback OnDone { get; set; }

    [Inject] public required EditHealth Edit { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    private bool IsWrong => Line.Check.Fields.Any(one => one.FindFault(_values[one.Key]) is not null);

    /// <summary>Once: what somebody is typing is not taken away by a change of the page.</summary>
    protected override void OnInitialized()
    {
        foreach (var field in Line.Check.Fields)
        {
            _values[field.Key] = Line.Values.Text(field.Key);
        }

        _isAsked = !Line.IsOff;
        _isCritical = Line.IsCritical;
        _isExpected = Line.Setting?.IsExpectedDown == true;
        _until = Line.Setting?.ExpectedUntil is { } until ? HealthStrip.DayOf(until, Viewer.Zone).AddDays(-1) : null;
        _why = Line.Setting?.ExpectedWhy;
    }

    private void Give(HealthField field, string? value) => _values[field.Key] = value ?? "";

    private string ForId(string word) => $"{Line.Check.Key.Replace(':', '-')}-expected-{word}";

    private Task SaveAsync() => SetAsync(new HealthChoice(
        !_isAsked,
        _isCritical == Line.Check.IsCritical ? null : _isCritical,
        _isExpected,
        _isExpected && _until is { } day ? HealthStrip.SpanOf(day, Viewer.Zone).To : null,
        _why,
        _values));

    private Task ResetAsync() => SetAsync(new HealthChoice(false, null, false, null, null, new Dictionary<string, string>()));

    private async Task SetAsync(HealthChoice choice)
    {
        (_isSaving, _fault) = (true, null);
        try
        {
            await Edit.SetAsync(Viewer.Actor, Database, Line.Check.Key, choice, CancellationToken.None);
            await OnDone.InvokeAsync();
        }
        catch (Exception fault)
        {
            _fault = fault;
        }
        finally
        {
            _isSaving = false;
        }
    }
}

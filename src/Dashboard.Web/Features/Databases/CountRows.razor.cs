using Dashboard.Core.Databases;
using Dashboard.Web.Components;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Dashboard.Web.Features.Databases;

public sealed partial class CountRows
{
    private CancellationTokenSource? _stop;
    private LookProgress? _progress;

    [Parameter, EditorRequired] public required Database Database { get; set; }

    [Parameter, EditorRequired] public string Table { get; set; } = "";

    /// <summary>A button of words instead of a mark.</summary>
    [Parameter] public bool HasWords { get; set; }

    [Parameter] public EventCallback OnCounted { get; set; }

    [Inject] public required CountTable Count { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required ISnackbar Toasts { get; set; }

    [Inject] public required TimeProvider Time { get; set; }

    public void Dispose()
    {
        _stop?.Cancel();
        _stop?.Dispose();
    }

    private async Task CountAsync()
    {
        using var stop = new CancellationTokenSource();
        _stop = stop;
        _progress = new LookProgress(Time, () => InvokeAsync(StateHasChanged));
        try
        {
            await Count.CountAsync(Viewer.Actor, Database, Table, _progress, stop.Token);
            await OnCounted.InvokeAsync();
        }
        catch (OperationCanceledException)
        {
        }
        catch (DatabaseException fault)
        {
            Toasts.Add($"{Table} could not be counted. {fault.Message} {fault.NextStep}", Severity.Error, toast => toast.RequireInteraction = true);
        }
        finally
        {
            (_stop, _progress) = (null, null);
        }
    }

    private void Cancel() => _stop?.Cancel();
}

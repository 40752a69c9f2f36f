using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Dashboard.Web.Features.Databases;

public sealed partial class CountRows
{
    private CancellationTokenSource? _stop;
    private Progress? _progress;

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
        _progress = new Progress(Time, () => InvokeAsync(StateHasChanged));
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

    /// <summary>Tells the page of it at most four times a second.</summary>
    private sealed class Progress(TimeProvider time, Func<Task> tell) : RunProgress
    {
        private static readonly TimeSpan Floor = TimeSpan.FromMilliseconds(250);

        private long _told = time.GetTimestamp();
        private long? _totalBytes;

        public long DoneBytes { get; private set; }

        public double? Fraction => _totalBytes is > 0 and var total ? Math.Min(0.99, (double)DoneBytes / total) : null;

        public override void Phase(string name, long? totalBytes = null, bool canCancel = true) => (_totalBytes, DoneBytes) = (totalBytes, 0);

        public override void Report(long doneBytes, long? totalBytes = null)
        {
            DoneBytes = doneBytes;
            if (time.GetElapsedTime(_told) >= Floor)
            {
                _told = time.GetTimestamp();
                _ = tell();
            }
        }

        public override void Log(string text, LineLevel level = LineLevel.Info)
        {
        }
    }
}

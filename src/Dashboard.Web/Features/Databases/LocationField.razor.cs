using Dashboard.Core.Databases;
using Dashboard.Web.Components;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Dashboard.Web.Features.Databases;

/// <summary>The field for a location. It looks while somebody types, a moment after the last key; answers that come late are dropped.</summary>
public sealed partial class LocationField : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    private readonly CancellationTokenSource _gone = new();
    private CancellationTokenSource? _asking;
    private readonly Dictionary<string, MudTextField<string>?> _fields = [];
    private MudTextField<string>? _field;
    private LocationCheck? _last;
    private Dictionary<string, string> _parts = [];
    private string _pasted = "";
    private string _pasteHint = "";
    private string? _engine;
    private string? _composed;

    /// <summary>Key of the engine that is asked.</summary>
    [Parameter, EditorRequired] public string Engine { get; set; } = "";

    [Parameter, EditorRequired] public string Value { get; set; } = "";

    [Parameter] public EventCallback<string> ValueChanged { get; set; }

    [Parameter] public EventCallback<LocationLook> OnLook { get; set; }

    /// <summary>The database that may already be registered there: itself.</summary>
    [Parameter] public Guid? ExceptId { get; set; }

    /// <summary>Why it was refused when it was sent.</summary>
    [Parameter] public string? Refusal { get; set; }

    [Parameter] public bool AutoFocus { get; set; }

    [Inject] public required AddDatabase Add { get; set; }

    [Inject] public required EngineCatalog Engines { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required TimeProvider Time { get; set; }

    private EngineDescription Description => Engines.For(Engine).Description;

    private IReadOnlyList<LocationPart> Parts => Engines.For(Engine).Parts;

    public async Task FocusAsync()
    {
        if ((_field ?? (Parts.Count > 0 ? _fields.GetValueOrDefault(Parts[0].Key) : null)) is { } field)
        {
            await field.FocusAsync();
        }
    }

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
        _asking?.Dispose();
    }

    protected override void OnParametersSet()
    {
        // What came from outside is taken apart; what was composed here is in its fields already.
        if (Parts.Count > 0 && Value != _composed)
        {
            _composed = Value;
            _parts = new Dictionary<string, string>(Engines.For(Engine).Split(Value) ?? new Dictionary<string, string>());
            _pasteHint = Description.LocationHint;
        }
    }

    protected override void OnAfterRender(bool firstRender)
    {
        // What came with the address, and what was typed before another engine was chosen, is looked at too.
        if (_engine != Engine)
        {
            _engine = Engine;
            _ = LookAsync(Value, TimeSpan.Zero);
        }
    }

    private async Task TypedAsync(string? value)
    {
        await ValueChanged.InvokeAsync(value ?? "");
        _ = LookAsync(value ?? "", Pause);
    }

    private string Part(LocationPart part) => _parts.GetValueOrDefault(part.Key, part.Default ?? "");

    private string? Hint(LocationPart part) => part.Kind == PartKind.Secret && ExceptId is not null ? "Empty: as it is. Kept encrypted, and never shown again." : part.Hint;

    private async Task PartAsync(LocationPart part, string? text)
    {
        _parts[part.Key] = text ?? "";
        _composed = _parts.Values.All(string.IsNullOrWhiteSpace) ? "" : Engines.For(Engine).Compose(_parts);
        await TypedAsync(_composed);
    }

    /// <summary>What was pasted goes into the fields, and the password with it out of sight.</summary>
    private async Task PasteAsync(string? text)
    {
        _pasted = text ?? "";
        if (_pasted.Trim().Length == 0)
        {
            _pasteHint = Description.LocationHint;
            _ = LookAsync(Value, TimeSpan.Zero);
            return;
        }

        var engine = Engines.For(Engine);
        var comment = engine.CommentOn(_pasted);
        if (engine.Split(_pasted) is not { } parts)
        {
            // The engine says what is missing, and connects to nothing.
            _pasteHint = comment ?? Description.LocationHint;
            _ = LookAsync(_pasted, Pause);
            return;
        }

        // Drawn once with what was pasted: a field that was empty before and is to be empty again would keep it.
        (_parts, _pasteHint) = (new Dictionary<string, string>(parts), comment is null ? "Taken apart into the fields below." : $"Taken apart into the fields below. {comment}");
        StateHasChanged();
        await Task.Yield();
        _pasted = "";
        _composed = Engines.For(Engine).Compose(_parts);
        await TypedAsync(_composed);
    }

    private async Task LookAsync(string location, TimeSpan pause)
    {
        try
        {
            // Taken over before anything is awaited: of two keys in a row the later one must have the last word.
            var before = _asking;
            var asking = CancellationTokenSource.CreateLinkedTokenSource(_gone.Token);
            _asking = asking;
            if (before is not null)
            {
                await before.CancelAsync();
                asking.Token.ThrowIfCancellationRequested();
            }

            if (string.IsNullOrWhiteSpace(location))
            {
                _last = null;
                await OnLook.InvokeAsync(LocationLook.None);
                return;
            }

            await OnLook.InvokeAsync(new LocationLook(true, _last));
            await Task.Delay(pause, Time, asking.Token);
            var check = await Add.CheckAsync(Viewer.Actor, Engine, location, asking.Token, ExceptId);
            asking.Token.ThrowIfCancellationRequested();
            _last = check;
            await OnLook.InvokeAsync(new LocationLook(false, check));
        }
        catch (Exception fault) when (fault is OperationCanceledException or ObjectDisposedException)
        {
        }
        catch (Exception fault)
        {
            await OnLook.InvokeAsync(new LocationLook(false, null, fault));
        }
    }
}

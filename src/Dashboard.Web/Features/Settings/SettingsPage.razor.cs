using System.Globalization;
using System.Reflection;
using Dashboard.Core.Backups;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Fleet;
using Dashboard.Core.Store;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Microsoft.JSInterop;
using MudBlazor;

namespace Dashboard.Web.Features.Settings;

public sealed partial class SettingsPage
{
    private static readonly (Compression Value, string Title, string Meaning)[] Compressions =
    [
        (Compression.Fast, "Fast", "zstd level 1: hardly slower than copying, and most of the saving."),
        (Compression.Small, "Small", "zstd level 9: the smallest files, several times slower."),
        (Compression.None, "None", "A plain file that the engine's own tools open as it is; takes the most space."),
    ];

    private static readonly (string Value, string Title, string Icon)[] Themes =
    [
        ("system", "System", Icons.Material.Outlined.Contrast),
        ("light", "Light", Icons.Material.Outlined.LightMode),
        ("dark", "Dark", Icons.Material.Outlined.DarkMode),
    ];

    private string? _folder;
    private Compression _compression;
    private int _undoHours;
    private int _trashDays;
    private IReadOnlyList<string> _faults = [];
    private string? _folderFault;
    private Exception? _fault;
    private FolderConsentException? _asked;
    private long _version;
    private bool _isSaving;
    private bool _isSaved;
    private bool _letters = true;
    private string? _theme;
    private Database? _store;
    private DatabaseState? _storeState;
    private SettingOverrides? _overrides;

    [Inject] public required DataFolder Data { get; set; }

    [Inject] public required IOptionsMonitor<DashboardOptions> Options { get; set; }

    [Inject] public required IConfiguration Configuration { get; set; }

    [Inject] public required SaveSettings Settings { get; set; }

    [Inject] public required ReadFleet Fleet { get; set; }

    [Inject] public required IStoreHome Home { get; set; }

    [Inject] public required LiveStates States { get; set; }

    [Inject] public required EngineCatalog Engines { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required IJSRuntime Js { get; set; }

    private SettingOverrides Overrides => _overrides ??= new SettingOverrides(Configuration);

    private static string Version => typeof(SettingsPage).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    protected override async Task OnInitializedAsync()
    {
        var options = Options.CurrentValue;
        (_folder, _compression, _undoHours, _trashDays) = (options.BackupFolder, options.Compression, options.UndoHours, options.TrashDays);
        _store = (await Fleet.ListAsync(Viewer.Actor, CancellationToken.None)).Select(row => row.Database).FirstOrDefault(database => database.IsOwnStore);
        _storeState = _store is null ? null : (await States.ReadAsync(_store, CancellationToken.None)).State;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _letters = await Js.InvokeAsync<bool>("dashboardKeys.lettersOn");
            _theme = await Js.InvokeAsync<string?>("dashboardViewer.theme");
            StateHasChanged();
        }
    }

    private bool IsFixed(string key) => Overrides.Of(key) is not null;

    /// <summary>"Must be hours from 1 to 720."; the key is the field's own.</summary>
    private string? FaultOf(string key)
    {
        var name = $"{DashboardOptions.Section}:{key} must";
        return _faults.Where(fault => fault.StartsWith(name, StringComparison.Ordinal)).Select(fault => "Must" + fault[name.Length..]).FirstOrDefault();
    }

    private Task SaveAsync() => SaveAsync(FolderConsent.None);

    private void Use(BackupPlace place)
    {
        try
        {
            Settings.Use(Viewer.Actor, place.Folder);
            _version++;
        }
        catch (DatabaseException fault)
        {
            _fault = fault;
        }
    }

    private async Task SaveAsync(FolderConsent consent)
    {
        _isSaving = true;
        _isSaved = false;
        _fault = null;
        _folderFault = null;
        _asked = null;
        _faults = new DashboardOptions { UndoHours = _undoHours, TrashDays = _trashDays }.FindFaults();
        try
        {
            if (_faults.Count == 0)
            {
                await Settings.SaveAsync(Viewer.Actor, ToSave(), CancellationToken.None, consent);
                _isSaved = true;
                _version++;
            }
        }
        catch (FolderConsentException asked)
        {
            _asked = asked;
        }
        catch (DatabaseException fault) when (fault is not FolderConsentException && !string.IsNullOrWhiteSpace(_folder) && !IsFixed(nameof(DashboardOptions.BackupFolder)) && fault.Message.Contains(_folder.Trim().TrimEnd('/'), StringComparison.Ordinal))
        {
            _folderFault = $"{fault.Message} {fault.NextStep}";
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

    private Core.Configuration.Settings ToSave()
    {
        var plain = new DashboardOptions();
        return new Core.Configuration.Settings(
            Beneath(nameof(DashboardOptions.BackupFolder), _folder, text => text),
            Beneath(nameof(DashboardOptions.Compression), _compression, text => Enum.TryParse<Compression>(text, ignoreCase: true, out var value) ? value : plain.Compression),
            Beneath(nameof(DashboardOptions.UndoHours), _undoHours, text => int.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value : plain.UndoHours),
            Beneath(nameof(DashboardOptions.TrashDays), _trashDays, text => int.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value : plain.TrashDays));

        T Beneath<T>(string key, T typed, Func<string?, T> read) => IsFixed(key) ? read(Overrides.Beneath(key)) : typed;
    }
}

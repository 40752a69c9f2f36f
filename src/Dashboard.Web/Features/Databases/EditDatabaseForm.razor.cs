using Dashboard.Core.Backups;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Web.Components;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Web.Features.Databases;

/// <summary>Renames and moves a registration. What is being typed stays while the numbers of the page go on.</summary>
public sealed partial class EditDatabaseForm
{
    private LocationLook _look = LocationLook.None;
    private string _name = "";
    private string _location = "";
    private string _folder = "";
    private string _tags = "";
    private bool _asks;
    private bool _isSaving;
    private bool? _sharesDisk;
    private string? _said;
    private Exception? _fault;

    [Parameter, EditorRequired] public required Database Database { get; set; }

    [Inject] public required EditDatabase Edit { get; set; }

    [Inject] public required ReadBackups Backups { get; set; }

    [Inject] public required EngineCatalog Engines { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    private string FolderHint => Database.BackupFolder is null && _folder.Length == 0
        ? $"Empty: the folder of the settings. Its backups lie in {Backups.FolderOf(Database)}."
        : "Empty: the folder of the settings. Older backups stay where they are.";

    protected override async Task OnInitializedAsync()
    {
        (_name, _location, _folder, _asks, _tags) = (Database.Name, Database.Location, Database.BackupFolder ?? "", Database.AlwaysAskForName, Database.Tags);
        await LookAtDiskAsync();
    }

    private void Changed() => (_said, _fault) = (null, null);

    private void Looked(LocationLook look) => _look = look;

    private async Task FolderAsync(string? folder)
    {
        _folder = folder ?? "";
        Changed();
        await LookAtDiskAsync();
    }

    private async Task LookAtDiskAsync()
    {
        var folder = _folder.Trim();
        if (folder.Length > 0 && !Path.IsPathFullyQualified(folder))
        {
            _sharesDisk = null;
            return;
        }

        // As it would be, were it saved. A drive that does not answer does not hold up the page.
        var draft = new Database { Id = Database.Id, Slug = Database.Slug, Name = Database.Name, Engine = Database.Engine, Location = Database.Location, BackupFolder = folder.Length == 0 ? null : folder, AddedAt = Database.AddedAt };
        var shares = await Task.Run(() => Backups.SharesDisk(draft));
        if (folder == _folder.Trim())
        {
            _sharesDisk = shares;
        }
    }

    private Task SaveAsync() => SaveAsync(FolderConsent.None);

    private async Task SaveAsync(FolderConsent consent)
    {
        if (_isSaving)
        {
            return;
        }

        Changed();
        _isSaving = true;
        try
        {
            await Edit.EditAsync(Viewer.Actor, Database.Id, new DatabaseEdit(_name, _location.Trim(), string.IsNullOrWhiteSpace(_folder) ? null : _folder, _asks, _tags, consent), CancellationToken.None);
            _name = _name.Trim();
            _tags = Tags.Demand(_tags);
            _location = _look.Check?.Location ?? _location.Trim();
            _said = "Saved.";
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

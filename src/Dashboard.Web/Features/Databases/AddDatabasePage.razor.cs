using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Schedules;
using Dashboard.Web.Components;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Dashboard.Web.Features.Databases;

public sealed partial class AddDatabasePage
{
    private LocationField? _field;
    private MudTextField<string>? _nameField;
    private LocationLook _look = LocationLook.None;
    private string _engine = "";
    private string _location = "";
    private string _name = "";
    private string? _locationRefusal;
    private string? _nameRefusal;
    private Exception? _fault;
    private bool _nameIsTyped;
    private bool _daily = true;
    private bool _first = true;
    private bool _isAdding;
    private bool _joins;
    private IReadOnlySet<string> _siblings = new HashSet<string>();

    /// <summary>A path to begin with: from the copy of a restore, or a link.</summary>
    [SupplyParameterFromQuery] public string? Location { get; set; }

    [Inject] public required EngineCatalog Engines { get; set; }

    [Inject] public required AddDatabase Add { get; set; }

    [Inject] public required JoinDatabases Join { get; set; }

    [Inject] public required SetSchedule Schedules { get; set; }

    [Inject] public required AskForRun Ask { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required ISnackbar Toasts { get; set; }

    [Inject] public required NavigationManager Navigation { get; set; }

    private string NameHint => _nameIsTyped || _name.Length == 0 ? "As people call it. It can be changed later." : "Taken from what is there. Change it as you like.";

    protected override void OnInitialized()
    {
        _engine = Engines.Engines[0].Description.Key;
        _location = Location ?? "";
        if (Location is not null && Engines.Engines.FirstOrDefault(engine => engine.Split(Location) is not null) is { } named)
        {
            _engine = named.Description.Key;
        }
    }

    /// <summary>What was typed for one engine says nothing to another.</summary>
    private void Choose(string engine)
    {
        (_engine, _location, _look) = (engine, "", LocationLook.None);
        Forgive();
    }

    private void Forgive()
    {
        _locationRefusal = null;
        _fault = null;
    }

    private void Looked(LocationLook look)
    {
        _look = look;
        _siblings = _siblings.Where(location => look.Check?.Siblings.Any(sibling => sibling.Location == location && !sibling.IsRegistered) == true).ToHashSet();
        if (!_nameIsTyped && !look.IsLooking)
        {
            _name = look.Check?.SuggestedName ?? "";
        }
    }

    /// <summary>From the first letter on the name is theirs; emptied, it follows the path again.</summary>
    private void Name(string? name)
    {
        _name = name ?? "";
        _nameIsTyped = _name.Length > 0;
        _nameRefusal = null;
    }

    private async Task SubmitAsync()
    {
        if (_isAdding)
        {
            return;
        }

        _isAdding = true;
        Forgive();
        try
        {
            List<string> without = [];
            var database = await Add.AddAsync(Viewer.Actor, _engine, _location, _name, CancellationToken.None);
            await BeginAsync(database, without);
            foreach (var location in _siblings)
            {
                await BeginAsync(await Add.AddAsync(Viewer.Actor, _engine, location, null, CancellationToken.None), without);
            }

            if (_joins)
            {
                await Join.StartAsync(Viewer.Actor, database, _daily, CancellationToken.None);
            }

            if (without.Count > 0)
            {
                Toasts.Add($"Added {database.Name}. No backup was started: {string.Join(" ", without)}", Severity.Warning, toast => toast.CloseAfterNavigation = false);
            }
            else
            {
                Toasts.Add(_first ? $"Added {database.Name}. Its first backup was started." : $"Added {database.Name}.", Severity.Success, toast => toast.CloseAfterNavigation = false);
            }

            Navigation.NavigateTo(Urls.ForAddedDatabase(database.Slug));
        }
        catch (DatabaseException refusal)
        {
            await RefuseAsync(refusal);
        }
        catch (Exception fault)
        {
            _fault = fault;
        }
        finally
        {
            _isAdding = false;
        }
    }

    /// <param name="without">Hears why no first backup was started of a database.</param>
    private async Task BeginAsync(Database database, List<string> without)
    {
        if (_daily)
        {
            await Schedules.SetAsync(Viewer.Actor, database.Subject, JobKeys.Backup, isOn: true, SetSchedule.Daily, Viewer.Zone.Id, CancellationToken.None, isOnlyOne: true);
        }

        // One that must fail is not started; the reason is better than its failure.
        if (_first && (await Add.CheckAsync(Viewer.Actor, _engine, database.Location, CancellationToken.None, exceptId: database.Id)).NoBackupBecause is { } reason)
        {
            without.Add($"{database.Name}: {reason}");
        }
        else if (_first)
        {
            await Ask.AskAsync(Viewer.Actor, JobKeys.Backup, database.Subject, null, CancellationToken.None);
        }
    }

    /// <summary>The sentence stands at the field that it is about, and the caret with it.</summary>
    private async Task RefuseAsync(DatabaseException refusal)
    {
        var words = refusal.NextStep is null ? refusal.Message : $"{refusal.Message} {refusal.NextStep}";
        var check = await Add.CheckAsync(Viewer.Actor, _engine, _location, CancellationToken.None);
        if (check.Verdict == LocationVerdict.Refused)
        {
            _locationRefusal = words;
            await (_field?.FocusAsync() ?? Task.CompletedTask);
        }
        else
        {
            _nameRefusal = words;
            await (_nameField?.FocusAsync().AsTask() ?? Task.CompletedTask);
        }
    }
}

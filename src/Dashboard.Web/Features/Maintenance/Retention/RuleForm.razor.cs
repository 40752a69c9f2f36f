using System.Globalization;
using Dashboard.Core.Databases;
using Dashboard.Core.Retention;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Web.Features.Maintenance.Retention;

public sealed partial class RuleForm
{
    private static readonly int[] UsualPurges = [365, 730];

    private IReadOnlyList<string> _names = [];
    private RowTable? _look;
    private RowOutlook? _outlook;
    private RowRule? _counted;
    private Exception? _fault;
    private bool _isLookFault;
    private bool _isCounting;
    private bool _isSaving;
    private string _table = "";
    private string _column = "";
    private TimeKind _kind;
    private string _zone = "UTC";
    private int _days;
    private string _condition = "";
    private ArchiveKind _archive = ArchiveKind.File;
    private string _archiveTable = "";
    private int? _purge;
    private int _most = 50;
    private bool _letsKeysAct;

    [Parameter, EditorRequired] public required Database Database { get; set; }

    /// <summary>Empty while it is to be chosen.</summary>
    [Parameter, EditorRequired] public required string Table { get; set; }

    /// <summary>The one that there is; null for a new one.</summary>
    [Parameter] public RowRule? Rule { get; set; }

    /// <summary>Tables that have a rule.</summary>
    [Parameter] public IReadOnlyList<string> Taken { get; set; } = [];

    [Inject] public required LookAtRows Rows { get; set; }

    [Inject] public required SaveRowRule Rules { get; set; }

    [Inject] public required NavigationManager Navigation { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    private bool _isBusy => _isCounting || _isSaving;

    private IEnumerable<string> Names => _table.Length > 0 && !_names.Contains(_table) ? [_table, .. Free] : Free;

    private IEnumerable<string> Free => _names.Where(name => name == _table || !Taken.Contains(name));

    private IEnumerable<int> PurgeChoices => UsualPurges.Append(_purge ?? 365).Where(days => days > _days).Distinct().Order();

    /// <summary>Once: what somebody is typing is not taken away by a change of the page.</summary>
    protected override async Task OnInitializedAsync()
    {
        _table = Table;
        if (Rule is { } rule)
        {
            (_column, _kind, _zone, _days, _condition) = (rule.Column, rule.Kind, rule.Zone, rule.Days, rule.Condition ?? "");
            (_archive, _archiveTable, _purge, _most, _letsKeysAct) = (rule.Archive, rule.ArchiveTable ?? "", rule.PurgeDays, rule.MostPercent, rule.LetsKeysAct);
        }

        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        try
        {
            (_fault, _isLookFault) = (null, false);
            _names = await Rows.ListTablesAsync(Viewer.Actor, Database, CancellationToken.None);
            _look = _table.Length == 0 ? null : await Rows.ReadTableAsync(Viewer.Actor, Database, _table, CancellationToken.None);
            if (Rule is null && _look is { } look)
            {
                Suggest(look);
            }
        }
        catch (Exception fault)
        {
            (_fault, _isLookFault) = (fault, true);
        }
    }

    /// <summary>Another table begins anew; the address says which.</summary>
    private Task ChooseTableAsync(string table)
    {
        Navigation.NavigateTo(Urls.ForRetention(Database.Slug, table));
        return Task.CompletedTask;
    }

    private void Suggest(RowTable look)
    {
        _days = Rows.UsualDays(_table);
        _archiveTable = $"{_table[(_table.LastIndexOf('.') + 1)..]}_archive";
        _column = look.Columns is [{ Kind: not null } first, ..] ? first.Name : "";
        _kind = look.Columns is [{ Kind: { } kind }, ..] ? kind : look.Kinds[0];
    }

    private void ChooseColumn(string column) => Change(() =>
    {
        _column = column;
        _kind = _look?.Columns.FirstOrDefault(one => one.Name == column)?.Kind ?? _kind;
    });

    /// <summary>What was counted is not what is in the form any more.</summary>
    private void Change(Action change)
    {
        change();
        (_outlook, _counted) = (null, null);
    }

    private void Number(ChangeEventArgs change, Action<int> set)
    {
        if (int.TryParse((string?)change.Value, CultureInfo.InvariantCulture, out var value))
        {
            Change(() => set(value));
        }
    }

    private async Task PreviewAsync()
    {
        (_isCounting, _fault, _isLookFault) = (true, null, false);
        try
        {
            var rule = Describe();
            (_outlook, _counted) = (await Rows.PreviewAsync(Viewer.Actor, Database, rule, CancellationToken.None), rule);
        }
        catch (Exception fault)
        {
            _fault = fault;
        }
        finally
        {
            _isCounting = false;
        }
    }

    private async Task SaveAsync()
    {
        (_isSaving, _fault, _isLookFault) = (true, null, false);
        try
        {
            await Rules.SaveAsync(Viewer.Actor, Database, Describe(), CancellationToken.None);
            Navigation.NavigateTo(Urls.ForRetention(Database.Slug));
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

    private RowRule Describe() => new()
    {
        Id = Rule?.Id ?? Guid.Empty,
        DatabaseId = Database.Id,
        Table = _table,
        Column = _column,
        Kind = _kind,
        Zone = RuleWords.NeedsZone(_kind) ? _zone : "UTC",
        Days = _days,
        Condition = _condition.Length == 0 ? null : _condition,
        LetsKeysAct = _letsKeysAct,
        Archive = _archive,
        ArchiveTable = _archive == ArchiveKind.Table ? _archiveTable : null,
        PurgeDays = _archive == ArchiveKind.None ? null : _purge,
        MostPercent = _most,
        ChangedAt = default,
    };
}

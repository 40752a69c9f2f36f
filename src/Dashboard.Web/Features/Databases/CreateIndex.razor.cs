using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Web.Features.Databases;

public sealed partial class CreateIndex
{
    private readonly List<string> _chosen = [];
    private string? _lock;
    private IReadOnlyList<string>? _tables;
    private IReadOnlyList<string> _columns = [];
    private string _table = "";
    private string _where = "";
    private string _query = "";
    private string? _name;
    private bool _isReading;
    private bool _isUnique;
    private bool _isAsking;
    private Exception? _fault;

    [Parameter, EditorRequired] public required Database Database { get; set; }

    /// <summary>What waits or runs for this database.</summary>
    [Parameter, EditorRequired] public required IReadOnlyList<LiveRun> Runs { get; set; }

    [Inject] public required AskForIndex Ask { get; set; }

    [Inject] public required LiveTables Tables { get; set; }

    [Inject] public required ReadTable Table { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    [Inject] public required NavigationManager Navigation { get; set; }

    private string? Busy => Runs.FirstOrDefault(run => run.Writes) is { } run ? $"“{run.Title}” is not finished yet." : null;

    private List<string> Free => [.. _columns.Except(_chosen)];

    /// <summary>As long as nobody has typed another one.</summary>
    private string Name => _name ?? (_chosen.Count == 0 ? "" : $"{_table.Split('.')[^1].Trim('"')}_by_{string.Join('_', _chosen)}");

    /// <summary>Null until there is enough of it.</summary>
    private IndexDraft? Draft => _chosen.Count == 0 || Name.Trim().Length == 0
        ? null
        : new IndexDraft(Name.Trim(), _table, [.. _chosen], _isUnique, string.IsNullOrWhiteSpace(_where) ? null : _where.Trim());

    protected override void OnParametersSet() => _lock ??= Ask.FindLock(Database);

    private async Task OpenAsync()
    {
        if (_tables is not null || _isReading)
        {
            return;
        }

        _isReading = true;
        try
        {
            await Tables.ReadAsync(Viewer.Actor, Database, CancellationToken.None);
            var reading = Tables.Last(Database);
            (_tables, _fault) = (reading.Value is { } list ? [.. list.Tables.Select(table => table.Name)] : null, reading.Fault);
        }
        catch (DatabaseException fault)
        {
            _fault = fault;
        }
        finally
        {
            _isReading = false;
        }
    }

    private async Task ChooseTableAsync(string table)
    {
        (_table, _columns, _fault) = (table.Trim(), [], null);
        _chosen.Clear();
        if (_tables!.Contains(_table))
        {
            try
            {
                _columns = [.. (await Table.ReadAsync(Viewer.Actor, Database, _table, CancellationToken.None)).Columns.Where(column => column.Kind != ColumnKind.Hidden).Select(column => column.Name)];
            }
            catch (DatabaseException fault)
            {
                _fault = fault;
            }
        }
    }

    private void Add(ChangeEventArgs change)
    {
        if (change.Value is string { Length: > 0 } column && Free.Contains(column))
        {
            _chosen.Add(column);
        }
    }

    private async Task CreateAsync()
    {
        if (Draft is not { } draft || Busy is not null)
        {
            return;
        }

        (_isAsking, _fault) = (true, null);
        try
        {
            await Ask.AskAsync(Viewer.Actor, Database, draft, _query, CancellationToken.None);
            Navigation.NavigateTo(Urls.ForMaintenance(Database.Slug));
        }
        catch (Exception fault) when (fault is DatabaseException or RunConflictException)
        {
            _fault = fault;
        }
        finally
        {
            _isAsking = false;
        }
    }
}

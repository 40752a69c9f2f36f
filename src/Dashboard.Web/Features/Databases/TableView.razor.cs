using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Databases.Indexes;
using Dashboard.Core.Retention;
using Dashboard.Web.Hosting;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Web.Features.Databases;

public sealed partial class TableView
{
    private TableDetails? _details;
    private TableLine? _line;
    private IReadOnlyList<IndexLine> _indexes = [];
    private IReadOnlyList<MissingIndex> _missing = [];
    private RowRule? _rule;
    private Exception? _fault;
    private (Guid, long, string)? _loaded;
    private bool _isMissing;

    [Parameter, EditorRequired] public required Database Database { get; set; }

    /// <summary>The sizes of the last backup are loaded anew when it rises.</summary>
    [Parameter, EditorRequired] public long Version { get; set; }

    [Parameter, EditorRequired] public string Table { get; set; } = "";

    /// <summary>The span of the charts: "7d", or both ends.</summary>
    [SupplyParameterFromQuery] public string? Range { get; set; }

    [SupplyParameterFromQuery] public string? From { get; set; }

    [SupplyParameterFromQuery] public string? To { get; set; }

    /// <summary>Tells when there is something new, and remembers what was counted.</summary>
    [Inject] public required LiveTables Live { get; set; }

    [Inject] public required ReadTable Tables { get; set; }

    [Inject] public required ReadSizes Sizes { get; set; }

    [Inject] public required LookAtRows Rows { get; set; }

    [Inject] public required ReadRowRules Rules { get; set; }

    [Inject] public required Viewer Viewer { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        if (_loaded != (Database.Id, Version, Table))
        {
            if (_loaded is not { } before || before.Item3 != Table)
            {
                (_details, _line) = (null, null);
            }

            _loaded = (Database.Id, Version, Table);
            await LoadAsync();
        }
    }

    private async Task LoadAsync()
    {
        var table = Table;
        try
        {
            var backup = await Sizes.LastAsync(Viewer.Actor, Database.Id, CancellationToken.None);
            var details = await Tables.ReadAsync(Viewer.Actor, Database, table, CancellationToken.None);
            var rule = (await Rules.ListAsync(Viewer.Actor, Database.Id, CancellationToken.None)).FirstOrDefault(line => line.Rule.Table == table)?.Rule;
            if (table != Table)
            {
                // The address was changed meanwhile, and is loaded by itself.
                return;
            }

            var list = new IndexList(details.ReadAt, details.Indexes, details.ForeignKeys)
            {
                RowKeys = details.RowKey is { } key ? new Dictionary<string, string> { [table] = key } : [],
            };

            // The share is of all of the database, which a single table does not know.
            var total = Live.Last(Database).Value?.TotalBytes ?? 0;
            _line = DescribeTables.Of(details.Facts, total, backup, name => Live.Of(Database.Id, name));
            _indexes = new IndexQuery(IndexSort.Name, IsDescending: false).Arrange(IndexLine.Of(list, backup));
            (_missing, _details, _rule, _fault, _isMissing) = (ForeignKeyCover.FindMissing(list), details, rule, null, false);
        }
        catch (TableMissingException)
        {
            (_isMissing, _fault) = (true, null);
        }
        catch (Exception fault)
        {
            _fault = fault;
        }
    }
}

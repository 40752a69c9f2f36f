using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Databases.Indexes;
using Dashboard.Core.Health;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Core.Retention;
using Dashboard.Postgres.Archives;
using Dashboard.Postgres.Backups;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Foreign;
using Dashboard.Postgres.Health;
using Dashboard.Postgres.Locations;
using Dashboard.Postgres.Maintenance;
using Dashboard.Postgres.Restores;
using Dashboard.Postgres.Retention;
using Dashboard.Postgres.Schemas;
using Dashboard.Postgres.States;
using Dashboard.Postgres.Tools;

namespace Dashboard.Postgres;

/// <summary>PostgreSQL as the product knows it. Each member stands in a file of its name; here they get their connection and a person's words for what fails.</summary>
public sealed class PostgresEngine : IDatabaseEngine, IStreamedBackup, IListsContents, IForeignDumps, IMaintained, ISecondLogin, IHealthChecked, IKeepsRows, IOrphanage, IIndexMaker, IAsyncDisposable
{
    internal const string Key = "postgres";

    /// <summary>As exceptions name where they come from.</summary>
    private const string DriverName = "Npgsql";

    private readonly Watching _watching;
    private readonly Reachable _reachable;
    private readonly KnownSizes _sizes;
    private readonly KnownTables _tables;
    private readonly FindTools _tools;
    private readonly RowQuestions _rows;
    private readonly TimeProvider _time;

    /// <summary>Whose login this engine uses in place of those that locations name; null for those.</summary>
    private readonly string? _user;

    /// <param name="toolFolder">Where pg_dump and pg_restore are looked for before the usual places; from the server's settings only.</param>
    public PostgresEngine(ILogins logins, TimeProvider time, string? toolFolder = null)
    {
        _time = time;
        _watching = new Watching(logins, time);
        _reachable = new Reachable(_watching, time);
        _sizes = new KnownSizes(time);
        _tables = new KnownTables(time);
        _tools = new FindTools(toolFolder);
        _rows = new RowQuestions(_watching, time);
        Tasks = [new VacuumTask(_watching), new AnalyzeTask(_watching), new ReindexTask(_watching), new QuickIndexCheckTask(_watching), new DeepIndexCheckTask(_watching), new ForeignKeyCheckTask(_watching), new VacuumFullTask(_watching)];
        HealthChecks =
        [
            new ServerVersionCheck(_watching, time),
            new TransactionAgeCheck(_watching),
            new InvalidIndexesCheck(_watching),
            new LongTransactionsCheck(_watching),
            new SequencesCheck(_watching),
            new ConnectionsCheck(_watching),
        ];
    }

    /// <summary>The same engine for one restore. What it learned of databases is the lender's, and so is what has to be forgotten.</summary>
    private PostgresEngine(PostgresEngine lender, Login login)
    {
        (_time, _tools, _sizes, _tables, _reachable) = (lender._time, lender._tools, lender._sizes, lender._tables, lender._reachable);
        _watching = new Watching(new GivenLogin(login), _time, lender._watching);
        _rows = new RowQuestions(_watching, _time);
        _user = login.User;
        Tasks = [];
        HealthChecks = [];
    }

    public EngineDescription Description { get; } = new(
        Key: Key,
        Title: "PostgreSQL",
        LocationLabel: "Connection string or URL",
        LocationHint: "postgresql://user:password@host:5432/database, host=… dbname=… user=…, or Host=…;Database=…",
        FileExtension: ".dump",
        RestoreByHand: "Create the roles of the file ending .roles.sql that are missing, create an empty database of template0, then: zstd -dc {0} | pg_restore --exit-on-error --dbname=<database>");

    public IReadOnlyList<LocationPart> Parts => LocationForm.Parts;

    public (string Server, string User)? LoginOf(string location) => PostgresLocation.Parse(location) is var at ? (at.Server, at.User) : null;

    public string Compose(IReadOnlyDictionary<string, string> parts) => LocationForm.Compose(parts);

    public IReadOnlyDictionary<string, string>? Split(string location) => LocationForm.Split(location);

    public string? CommentOn(string location) => LocationText.Read(location) is var read ? read.Problem ?? read.Remark : null;

    public string CheckTask => ForeignKeyCheckTask.Key;

    public string KeptExtension => ".sql";

    public Task<OrphanList> FindOrphansAsync(string location, RunProgress progress, CancellationToken cancellationToken) =>
        InSessionAsync(location, session => new RemoveOrphans(session.Connection, progress).FindAsync(cancellationToken), cancellationToken);

    public Task<OrphanList> RemoveOrphansAsync(string location, string keep, OrphanCount most, RunProgress progress, CancellationToken cancellationToken) =>
        InSessionAsync(location, session => new RemoveOrphans(session.Connection, progress).RunAsync(keep, most, cancellationToken), cancellationToken);

    public string IndexLock => "Nobody who reads or writes rows waits (CONCURRENTLY). It waits itself for every transaction that is open, and reads the table twice.";

    public string Write(IndexDraft draft) => MakeIndex.Write(draft);

    public Task CheckQueryAsync(string location, string query, CancellationToken cancellationToken) =>
        InSessionAsync(location, session => new MeasureQuery(session.Connection, query).CheckAsync(cancellationToken), cancellationToken);

    public Task<QueryMeasure> MeasureQueryAsync(string location, string query, CancellationToken cancellationToken) =>
        InSessionAsync(location, session => new MeasureQuery(session.Connection, query).RunAsync(cancellationToken), cancellationToken);

    public Task CreateIndexAsync(string location, IndexDraft draft, RunProgress progress, CancellationToken cancellationToken) =>
        InSessionAsync(location, session => new MakeIndex(session, draft).CreateAsync(progress, cancellationToken), cancellationToken);

    public Task DropIndexAsync(string location, IndexDraft draft, RunProgress progress, CancellationToken cancellationToken) =>
        InSessionAsync(location, session => new MakeIndex(session, draft).DropAsync(progress, cancellationToken), cancellationToken);

    public Task<bool> TraceIndexAsync(string location, IndexDraft draft, CancellationToken cancellationToken) =>
        InSessionAsync(location, session => new MakeIndex(session, draft).TraceAsync(cancellationToken), cancellationToken);

    private Task<T> InSessionAsync<T>(string location, Func<MaintenanceSession, Task<T>> work, CancellationToken cancellationToken) =>
        AskAsync(location, at => PostgresTask.InSessionAsync(at, _watching, session => work(new MaintenanceSession(at, session, _watching)), cancellationToken), cancellationToken);

    public Task<LocationCheck> CheckLocationAsync(string location, CancellationToken cancellationToken) =>
        CheckLocation.RunAsync(location, _watching, _tools, cancellationToken);

    public Task<DatabaseState> ReadStateAsync(string location, CancellationToken cancellationToken) =>
        AskAsync(location, async at =>
        {
            await _reachable.DemandAsync(at, cancellationToken);
            return await ReadState.RunAsync(at, _watching, _sizes, _time, cancellationToken);
        }, cancellationToken);

    public Task<RowCounts> CountRowsAsync(string location, TimeSpan budget, CancellationToken cancellationToken) =>
        AskAsync(location, at => CountRows.RunAsync(at, _watching, budget, _time, cancellationToken), cancellationToken);

    public Task<string?> ReadMarkAsync(string location, CancellationToken cancellationToken) =>
        AskAsync(location, at => ReadMark.RunAsync(at, _watching, cancellationToken), cancellationToken);

    public Task<TableList> ReadTablesAsync(string location, TimeSpan budget, CancellationToken cancellationToken) =>
        AskAsync(location, at => ReadTables.RunAsync(at, _watching, _tables, _sizes, budget, _time, cancellationToken), cancellationToken);

    public Task<TableDetails> ReadTableAsync(string location, string table, TimeSpan budget, CancellationToken cancellationToken) =>
        AskAsync(location, at => Schemas.ReadTable.RunAsync(at, _watching, table, budget, _time, cancellationToken), cancellationToken);

    public Task<IndexList> ReadIndexesAsync(string location, CancellationToken cancellationToken) =>
        AskAsync(location, at => ReadIndexes.RunAsync(at, _watching, _time, cancellationToken), cancellationToken);

    public Task<Measure> CountTableAsync(string location, string table, RunProgress progress, CancellationToken cancellationToken) =>
        AskAsync(location, at => Schemas.CountTable.RunAsync(at, _watching, table, progress, _time, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<DatabaseUser>?> FindUsersAsync(string location, CancellationToken cancellationToken) =>
        AskAsync(location, at => FindUsers.RunAsync(at, _watching, cancellationToken), cancellationToken);

    public Task<BackupContent> WriteBackupAsync(string location, BackupStaging staging, RunProgress progress, CancellationToken cancellationToken) =>
        AskAsync(location, at => new WriteBackup(at, _watching, _tools, staging, progress).RunAsync(cancellationToken), cancellationToken);

    public Task<BackupEstimate> EstimateBackupAsync(string location, CancellationToken cancellationToken) =>
        AskAsync(location, at => EstimateBackup.RunAsync(at, _watching, cancellationToken), cancellationToken);

    public string CountingCost => "Reads every table once more, while it is dumped.";

    public Task<CopyCheck> CheckStreamAsync(Stream content, IReadOnlyList<TableRows>? expected, CancellationToken cancellationToken) =>
        CheckArchive.RunAsync(content, expected, _tools, cancellationToken);

    public Task<CopyCheck> CheckCopyAsync(string file, IReadOnlyList<TableRows>? expected, CheckDepth depth, RunProgress progress, CancellationToken cancellationToken) =>
        CheckArchive.RunAsync(file, expected, _tools, progress, cancellationToken);

    public async Task<IReadOnlyDictionary<string, string>> ListContentsAsync(Stream content, CancellationToken cancellationToken) =>
        new Dictionary<string, string> { [ArchiveContents.Key] = ArchiveContents.Of(await ReadEntries.RunAsync(content, _tools, cancellationToken)).ToJson() };

    public Task<RestoreOutlook> LookAheadAsync(string location, long contentBytes, IReadOnlyDictionary<string, string> identity, CancellationToken cancellationToken) =>
        AskAsync(location, at => LookAhead.RunAsync(at, contentBytes, identity, _watching, _tools, cancellationToken), cancellationToken);

    public Task<RestoreResult> RestoreAsync(string location, RestoreWork work, RunProgress progress, CancellationToken cancellationToken) =>
        AskAsync(location, async at =>
        {
            _reachable.Forget(PostgresLocation.Parse(location));
            return await new RestoreBeside(at, work, _watching, _tools, progress, _time).RunAsync(cancellationToken);
        }, cancellationToken);

    public Task<RestoreTrace> TraceRestoreAsync(string location, string checkpoint, CancellationToken cancellationToken) =>
        AskAsync(location, at => TraceRestore.RunAsync(at, checkpoint, _watching, cancellationToken), cancellationToken);

    public async Task<CopyResult> RestoreAsCopyAsync(string location, CopyWork work, RunProgress progress, CancellationToken cancellationToken) =>
        AsNamed(location, await AskAsync(location, at => RestoreAsCopy.RunAsync(at, work, _watching, _tools, progress, cancellationToken), cancellationToken));

    public async Task<string?> FindCopyAsync(string location, string label, CancellationToken cancellationToken) =>
        await AskAsync(location, at => RestoreAsCopy.FindAsync(at, label, _watching, cancellationToken), cancellationToken) is { } copy ? AsNamed(location, copy) : null;

    public IReadOnlyList<IMaintenanceTask> Tasks { get; }

    public IReadOnlyList<IHealthCheck> HealthChecks { get; }

    public Task<OwnAnswer> AskOwnAsync(string location, string sql, TimeSpan timeout, CancellationToken cancellationToken) =>
        AskAsync(location, at => AskOwn.RunAsync(at, _watching, sql, timeout, cancellationToken), cancellationToken);

    public Task<MaintenanceMeasure> MeasureAsync(string location, CancellationToken cancellationToken) =>
        AskAsync(location, at => MeasureDatabase.RunAsync(at, _watching, cancellationToken), cancellationToken);

    public Task<RowTable> LookAtRowsAsync(string location, string table, CancellationToken cancellationToken) =>
        AskAsync(location, at => _rows.LookAsync(at, table, cancellationToken), cancellationToken);

    public Task<string?> FindConditionFaultAsync(string location, string table, string condition, CancellationToken cancellationToken) =>
        AskAsync(location, at => _rows.FindConditionFaultAsync(at, table, condition, cancellationToken), cancellationToken);

    public Task<RowClock> ReadClockAsync(string location, RowTime time, CancellationToken cancellationToken) =>
        AskAsync(location, at => _rows.ReadClockAsync(at, time, cancellationToken), cancellationToken);

    public Task<RowPreview> PreviewAsync(string location, RowSelection selection, CancellationToken cancellationToken) =>
        AskAsync(location, at => _rows.PreviewAsync(at, selection, cancellationToken), cancellationToken);

    public string NameOfArchive(string table, string archive) => RowSession.ArchiveName(TableName.Parse(table), archive).ToString();

    public Task<IRowSession> OpenRowsAsync(string location, RowSelection selection, CancellationToken cancellationToken) =>
        AskAsync(location, at => _rows.OpenAsync(at, selection, cancellationToken), cancellationToken);

    public ContentPlace? PlaceUndoBeside(string location, DateTimeOffset now) => Kept.Place(PostgresLocation.Parse(location), now);

    public Task<IReadOnlyList<KeptContent>> ListKeptAsync(string location, CancellationToken cancellationToken) =>
        AskAsync(location, at => Kept.ListAsync(at, _watching, cancellationToken), cancellationToken);

    public Task DropKeptAsync(string location, ContentPlace kept, CancellationToken cancellationToken) =>
        AskAsync(location, at => Kept.DropAsync(at, kept, _watching, cancellationToken), cancellationToken);

    public Task SweepAsync(string location, CancellationToken cancellationToken) =>
        AskAsync(location, at => Kept.SweepAsync(at, _watching, cancellationToken), cancellationToken);

    public string Accepts => Recognise.Accepts;

    public DatabaseException RefuseFolder(string folder) => Recognise.RefuseFolder(folder);

    public Task<ForeignContent> RecogniseAsync(string file, CancellationToken cancellationToken) => Recognise.RunAsync(file, _tools, cancellationToken);

    public Task<string?> FindScriptBlockerAsync(string location, CancellationToken cancellationToken) =>
        AskAsync(location, at => RunScript.FindBlockerAsync(at, _watching, _tools, cancellationToken), cancellationToken);

    public async Task<CopyResult> RunScriptAsync(string location, CopyWork work, RunProgress progress, CancellationToken cancellationToken) =>
        AsNamed(location, await AskAsync(location, at => new RunScript(at, work, _watching, _tools, progress).RunAsync(cancellationToken), cancellationToken));

    public Task<LocationCheck> CheckLoginAsync(string location, string user, string password, CancellationToken cancellationToken) =>
        CheckLogin.RunAsync(PostgresLocation.Parse(location), user, password, _watching, _tools, cancellationToken);

    public IDatabaseEngine As(Login login)
    {
        ArgumentNullException.ThrowIfNull(login);
        return new PostgresEngine(this, login);
    }

    public ValueTask DisposeAsync() => _watching.DisposeAsync();

    private Task<T> AskAsync<T>(string location, Func<PostgresLocation, Task<T>> verb, CancellationToken cancellationToken)
    {
        var at = PostgresLocation.Parse(location);
        return InWordsAsync(_user is { } user ? at with { User = user } : at, verb, cancellationToken);
    }

    /// <summary>A new database, as whom the live one is watched.</summary>
    private static string AsNamed(string location, string made) => (PostgresLocation.Parse(location) with { Database = PostgresLocation.Parse(made).Database }).ToString();

    private static CopyResult AsNamed(string location, CopyResult made) => made with { Location = AsNamed(location, made.Location) };

    internal static Task<T> InWordsAsync<T>(string location, Func<PostgresLocation, Task<T>> verb, CancellationToken cancellationToken) =>
        InWordsAsync(PostgresLocation.Parse(location), verb, cancellationToken);

    /// <summary>What goes wrong comes out as a sentence for a person.</summary>
    internal static async Task<T> InWordsAsync<T>(PostgresLocation at, Func<PostgresLocation, Task<T>> verb, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await verb(at);
        }
        catch (Exception fault) when (PostgresErrors.IsOfDatabase(fault) && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception fault) when (PostgresErrors.IsOfDatabase(fault))
        {
            throw PostgresErrors.Explain(fault, at);
        }
        catch (Exception fault) when (fault.Source == DriverName && fault is not OperationCanceledException)
        {
            // What the driver says of itself is for its makers; it goes to the log with the run.
            throw new DatabaseException($"The dashboard's PostgreSQL driver could not go on with {at.Database}.", "This is a fault of the dashboard. Its log has the details.", fault);
        }
    }

    /// <summary>The one password that an engine for one restore knows.</summary>
    private sealed class GivenLogin(Login login) : ILogins
    {
        public Task<string?> FindPasswordAsync(string engine, string server, string user, CancellationToken cancellationToken) =>
            Task.FromResult(user == login.User ? login.Password : null);
    }
}

using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Databases.Indexes;
using Dashboard.Core.Files;
using Dashboard.Core.Health;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;

namespace Dashboard.Core.Tests.Fakes;

/// <summary>Where a fault can strike.</summary>
internal enum EngineStep
{
    ReadState,
    EstimateWork,
    WriteWork,
    WriteArtefact,
    CheckCopy,
    BeforeFreeze,
    AfterUndoCopy,
    AfterCheckpoint,
    AfterCommit,
    Trace,
    WriteCopy,
    CountRows,
    ReadMark,
    CountTable,
    DropKept,
    WriteRows,
    RemoveRows,
    AfterRemovingRows,
}

/// <summary>
/// An engine whose database is a text file: each line is a row of the table that its first word names. A line "DAMAGED" makes it damaged.
/// Every step can meet a fault.
/// </summary>
internal sealed partial class FakeEngine : IDatabaseEngine, IForeignDumps, IMaintained, ISecondLogin, IHealthChecked, IOrphanage, IIndexMaker
{
    public const string Key = "lines";

    public const string Damage = "DAMAGED";

    private readonly ConcurrentDictionary<(EngineStep Step, string? Location), IFault> _faults = new();

    public EngineDescription Description { get; } = new(Key, "Lines", "File", "A full path", ".lines", "Copy {0} to where you want it.");

    public IReadOnlyList<IMaintenanceTask> Tasks { get; set; } = [];

    public IReadOnlyList<IHealthCheck> HealthChecks { get; set; } = [];

    /// <summary>What a person's own question finds.</summary>
    public Func<string, OwnAnswer> Answer { get; set; } = _ => new OwnAnswer([], false);

    public Task<OwnAnswer> AskOwnAsync(string location, string sql, TimeSpan timeout, CancellationToken cancellationToken) => Task.FromResult(Answer(sql));

    public Task<MaintenanceMeasure> MeasureAsync(string location, CancellationToken cancellationToken) =>
        Task.FromResult(new MaintenanceMeasure(new FileInfo(location).Length, null, null));

    public FakeIndexes Indexes { get; init; } = new();

    public string IndexLock => "Nobody waits.";

    public string Write(IndexDraft draft) => $"index {draft.Name}";

    public async Task CheckQueryAsync(string location, string query, CancellationToken cancellationToken)
    {
        await Task.Yield();
        FakeIndexes.Check(query);
    }

    public Task<QueryMeasure> MeasureQueryAsync(string location, string query, CancellationToken cancellationToken) => Task.FromResult(Indexes.Measure(query));

    public Task CreateIndexAsync(string location, IndexDraft draft, RunProgress progress, CancellationToken cancellationToken) => Indexes.CreateAsync(draft, cancellationToken);

    public Task DropIndexAsync(string location, IndexDraft draft, RunProgress progress, CancellationToken cancellationToken) => Task.FromResult(Indexes.Names.Remove(draft.Name));

    public Task<bool> TraceIndexAsync(string location, IndexDraft draft, CancellationToken cancellationToken) => Task.FromResult(Indexes.Names.Contains(draft.Name));

    public string CheckTask => "foreign-keys";

    public string KeptExtension => ".txt";

    /// <summary>Awaited once the copy of the orphans has its name.</summary>
    public Func<CancellationToken, Task> AfterKept { get; set; } = _ => Task.CompletedTask;

    /// <summary>Rows of the table "orphans" are orphans.</summary>
    public async Task<OrphanList> FindOrphansAsync(string location, RunProgress progress, CancellationToken cancellationToken) =>
        new([new OrphanGroup("orphans", "orders", (await File.ReadAllLinesAsync(location, cancellationToken)).Count(IsOrphan), GoesAlong: false)], []);

    public async Task<OrphanList> RemoveOrphansAsync(string location, string keep, OrphanCount most, RunProgress progress, CancellationToken cancellationToken)
    {
        var found = await FindOrphansAsync(location, progress, cancellationToken);
        found.DemandAtMost(most);

        var lines = await File.ReadAllLinesAsync(location, cancellationToken);
        await File.WriteAllLinesAsync(keep, lines.Where(IsOrphan), cancellationToken);
        await AfterKept(cancellationToken);
        await File.WriteAllLinesAsync(location, lines.Where(line => !IsOrphan(line)), cancellationToken);
        return found;
    }

    private static bool IsOrphan(string line) => line.StartsWith("orphans ", StringComparison.Ordinal);

    /// <summary>What the next backup has to complain of.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>What it says of what it wrote although that is good.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>What the next backup can tell.</summary>
    public IReadOnlyList<StoredSize>? Sizes { get; set; }

    public string? Blocker { get; set; }

    /// <summary>Why owners can't be as they were.</summary>
    public string? OwnersProblem { get; set; }

    public string? ScriptBlocker { get; set; }

    /// <summary>What the last restore was asked to leave out.</summary>
    public bool WentWithoutOwners { get; private set; }

    /// <summary>Whether a restore keeps the live file itself, under another name.</summary>
    public bool KeepsBeside { get; set; }

    /// <summary>What stands beside a location that is checked, on the server "fake:1" of the user "me".</summary>
    public List<LocationSibling> Siblings { get; } = [];

    /// <summary>How often it was asked to remove what restores left.</summary>
    public int Sweeps { get; private set; }

    public bool CountsAreComplete { get; set; } = true;

    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>The login without which nothing can be made, renamed or dropped; null where nobody signs in.</summary>
    public Login? Keeper { get; set; }

    /// <summary>What was done as another login, by all engines that were lent.</summary>
    public List<string> DoneAs { get; } = [];

    /// <summary>As whom this one is lent.</summary>
    private Login? _as;

    public Task<LocationCheck> CheckLoginAsync(string location, string user, string password, CancellationToken cancellationToken) => Task.FromResult(
        new Login(Key, "fake:1", user, password) is var login && login == Keeper
            ? new LocationCheck(LocationVerdict.Good, "A file of lines.", null, location, "lines", []) { Login = login }
            : LocationCheck.Refused($"The password of {user} was refused.", "Correct it."));

    public IDatabaseEngine As(Login login)
    {
        var lent = (FakeEngine)MemberwiseClone();
        lent._as = login;
        return lent;
    }

    /// <param name="location">The database that it strikes; null for all.</param>
    public void Strike(EngineStep step, IFault fault, string? location = null) => _faults[(step, location)] = fault;

    public void Heal(EngineStep step, string? location = null) => _faults.TryRemove((step, location), out _);

    public Task<LocationCheck> CheckLocationAsync(string location, CancellationToken cancellationToken) => Task.FromResult(
        File.Exists(location)
            ? new LocationCheck(LocationVerdict.Good, "A file of lines.", null, Path.GetFullPath(location), Path.GetFileNameWithoutExtension(location), []) { Siblings = [.. Siblings], Login = Siblings.Count > 0 ? new Login(Key, "fake:1", "me", "canary") : null }
            : LocationCheck.Refused("There is nothing there.", "Look for typing mistakes."));

    public async Task<DatabaseState> ReadStateAsync(string location, CancellationToken cancellationToken)
    {
        await StrikeAsync(EngineStep.ReadState, cancellationToken, location);
        return File.Exists(location)
            ? new DatabaseState(Time.GetUtcNow(), new FileInfo(location).Length, "Lines 1", [])
            : throw new DatabaseMissingException($"{location} is not there.");
    }

    public async Task<RowCounts> CountRowsAsync(string location, TimeSpan budget, CancellationToken cancellationToken)
    {
        await StrikeAsync(EngineStep.CountRows, cancellationToken, location);
        return new RowCounts(Rows(await File.ReadAllTextAsync(location, cancellationToken)), CountsAreComplete);
    }

    /// <summary>How often the tables were read.</summary>
    public int TablesRead { get; private set; }

    /// <summary>Whether a mark can be told; else everything is read each time.</summary>
    public bool HasMarks { get; set; } = true;

    public async Task<string?> ReadMarkAsync(string location, CancellationToken cancellationToken)
    {
        await StrikeAsync(EngineStep.ReadMark, cancellationToken);
        return HasMarks ? Mark(await ReadLiveAsync(location, cancellationToken)) : null;
    }

    public async Task<TableList> ReadTablesAsync(string location, TimeSpan budget, CancellationToken cancellationToken)
    {
        TablesRead++;
        var counts = await CountRowsAsync(location, budget, cancellationToken);
        var now = Time.GetUtcNow();
        return new TableList(now, [.. counts.Tables.Select(table => new TableFacts(table.Table, new Measure(table.Rows, CountsAreComplete, now), null, null))]);
    }

    public async Task<TableDetails> ReadTableAsync(string location, string table, TimeSpan budget, CancellationToken cancellationToken)
    {
        var list = await ReadTablesAsync(location, budget, cancellationToken);
        return list.Tables.FirstOrDefault(one => one.Name == table) is { } facts
            ? new TableDetails(list.ReadAt, facts, [], [], [], [], "")
            : throw new TableMissingException($"There is no {table}.", "Look at the list.");
    }

    public Task<IndexList> ReadIndexesAsync(string location, CancellationToken cancellationToken) => Task.FromResult(new IndexList(DateTimeOffset.UnixEpoch, [], []));

    public async Task<Measure> CountTableAsync(string location, string table, RunProgress progress, CancellationToken cancellationToken)
    {
        progress.Phase("Counting", 2);
        progress.Report(1);
        await StrikeAsync(EngineStep.CountTable, cancellationToken);
        var rows = Rows(await ReadLiveAsync(location, cancellationToken)).FirstOrDefault(one => one.Table == table) ?? throw new TableMissingException($"There is no {table}.", "Look at the list.");
        return new Measure(rows.Rows, IsExact: true, DateTimeOffset.UnixEpoch);
    }

    public Task<IReadOnlyList<DatabaseUser>?> FindUsersAsync(string location, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<DatabaseUser>?>(null);

    public async Task<BackupContent> WriteBackupAsync(string location, BackupStaging staging, RunProgress progress, CancellationToken cancellationToken)
    {
        var content = await ReadLiveAsync(location, cancellationToken);
        progress.Phase("Copying", content.Length);
        await File.WriteAllTextAsync(staging.WorkFile, content, cancellationToken);
        await File.WriteAllTextAsync(staging.WorkFile + "-journal", "", cancellationToken);
        await StrikeAsync(EngineStep.WriteWork, cancellationToken);
        File.Delete(staging.WorkFile + "-journal");
        progress.Report(content.Length);

        var bytes = Encoding.UTF8.GetBytes(content);
        await staging.Artefact.WriteAsync(bytes.AsMemory(0, bytes.Length / 2), cancellationToken);
        await StrikeAsync(EngineStep.WriteArtefact, cancellationToken);
        await staging.Artefact.WriteAsync(bytes.AsMemory(bytes.Length / 2), cancellationToken);
        return new BackupContent(Rows(content), bytes.Length, "Lines 1", CheckLevel.Compared, [.. Warnings], new Dictionary<string, string> { ["kind"] = "lines" }) { Sizes = Sizes, Notes = [.. Notes] };
    }

    public string? FolderOf(string location) => Path.GetDirectoryName(location);

    public async Task<BackupEstimate> EstimateBackupAsync(string location, CancellationToken cancellationToken)
    {
        await StrikeAsync(EngineStep.EstimateWork, cancellationToken);
        var bytes = File.Exists(location) ? new FileInfo(location).Length : 0;
        return new BackupEstimate(bytes, bytes);
    }

    public async Task<CopyCheck> CheckCopyAsync(string file, IReadOnlyList<TableRows>? expected, CheckDepth depth, RunProgress progress, CancellationToken cancellationToken)
    {
        await StrikeAsync(EngineStep.CheckCopy, cancellationToken);
        var content = await File.ReadAllTextAsync(file, cancellationToken);
        var rows = Rows(content);
        List<string> problems = [];
        if (IsDamaged(content))
        {
            problems.Add("A line is damaged.");
        }

        if (expected is not null && !expected.SequenceEqual(rows))
        {
            problems.Add("The rows differ.");
        }

        return new CopyCheck(problems, rows);
    }

    public async Task<RestoreOutlook> LookAheadAsync(string location, long contentBytes, IReadOnlyDictionary<string, string> identity, CancellationToken cancellationToken)
    {
        var isThere = File.Exists(location);
        var isReadable = isThere && !IsDamaged(await File.ReadAllTextAsync(location, cancellationToken));
        var problem = Keeper is not null && _as is null ? "me may not make databases." : null;
        if (_as is not null)
        {
            DemandKeeper("plan");
        }

        return new RestoreOutlook(isReadable, isReadable ? null : "It can't be read.", isThere ? new FileInfo(location).Length : 0, contentBytes, Path.GetDirectoryName(location)!, false, Blocker)
        {
            OwnersProblem = OwnersProblem,
            CanUndo = problem is null,
            NoUndoBecause = problem,
            LoginProblem = problem,
            CopyBlocker = problem,
        };
    }

    public (string Server, string User)? LoginOf(string location) => Siblings.Count > 0 ? ("fake:1", "me") : null;

    public ContentPlace? PlaceUndoBeside(string location, DateTimeOffset now) => KeepsBeside ? ContentPlace.Beside($"{location}.before-{now:HHmmss}") : null;

    public Task<IReadOnlyList<KeptContent>> ListKeptAsync(string location, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<KeptContent>>(
        [.. Directory.GetFiles(Path.GetDirectoryName(location)!, Path.GetFileName(location) + ".before-*").Order().Select(file => new KeptContent(ContentPlace.Beside(file), new FileInfo(file).Length))]);

    public async Task DropKeptAsync(string location, ContentPlace kept, CancellationToken cancellationToken)
    {
        DemandKeeper("drop");
        await StrikeAsync(EngineStep.DropKept, cancellationToken, location);
        File.Delete(kept.Name);
    }

    public Task SweepAsync(string location, CancellationToken cancellationToken)
    {
        Sweeps++;
        var unfinished = location + ".unfinished";
        if (File.Exists(unfinished))
        {
            DemandKeeper("sweep");
            File.Delete(unfinished);
        }

        return Task.CompletedTask;
    }

    public async Task<RestoreResult> RestoreAsync(string location, RestoreWork work, RunProgress progress, CancellationToken cancellationToken)
    {
        WentWithoutOwners = work.WithoutOwners;
        if (work.Undo is { Kind: ContentKind.Beside } beside)
        {
            DemandKeeper("restore");
            if (Keeper is not null)
            {
                await File.WriteAllTextAsync(location + ".unfinished", "", cancellationToken);
            }

            await StrikeAsync(EngineStep.BeforeFreeze, cancellationToken);
            File.Delete(location + ".unfinished");
            await work.CheckpointAsync(Mark(await File.ReadAllTextAsync(location, cancellationToken)));
            File.Move(location, beside.Name);
            File.Copy(work.Content.Name, location);
            if (work.Content.Kind == ContentKind.Beside)
            {
                File.Delete(work.Content.Name);
            }

            await StrikeAsync(EngineStep.AfterCommit, cancellationToken);
            return new RestoreResult(TimeSpan.FromMilliseconds(20), null, []);
        }

        try
        {
            await StrikeAsync(EngineStep.BeforeFreeze, cancellationToken);
            var before = File.Exists(location) ? await File.ReadAllTextAsync(location, cancellationToken) : "";
            if (work.Undo?.Name is { } undo)
            {
                await File.WriteAllTextAsync(undo + DurableFiles.PartialExtension, before, cancellationToken);
                File.Move(undo + DurableFiles.PartialExtension, undo);
                await StrikeAsync(EngineStep.AfterUndoCopy, cancellationToken);
            }

            await work.CheckpointAsync(Mark(before));
            await StrikeAsync(EngineStep.AfterCheckpoint, cancellationToken);
        }
        catch when (work.Undo?.Name is { } undo)
        {
            File.Delete(undo);
            throw;
        }

        File.Copy(work.Content.Name, location + ".new", overwrite: true);
        File.Move(location + ".new", location, overwrite: true);
        await StrikeAsync(EngineStep.AfterCommit, cancellationToken);
        return new RestoreResult(TimeSpan.FromMilliseconds(20), null, []);
    }

    public async Task<RestoreTrace> TraceRestoreAsync(string location, string checkpoint, CancellationToken cancellationToken)
    {
        await StrikeAsync(EngineStep.Trace, cancellationToken);
        return Mark(File.Exists(location) ? await File.ReadAllTextAsync(location, cancellationToken) : "") == checkpoint ? RestoreTrace.NotCommitted : RestoreTrace.Committed;
    }

    public async Task<CopyResult> RestoreAsCopyAsync(string location, CopyWork work, RunProgress progress, CancellationToken cancellationToken)
    {
        DemandKeeper("copy");
        var copy = CopyOf(location, work.Label);
        File.Copy(work.File, copy + DurableFiles.PartialExtension);
        await StrikeAsync(EngineStep.WriteCopy, cancellationToken);
        File.Move(copy + DurableFiles.PartialExtension, copy);
        return new CopyResult(copy, []);
    }

    public Task<string?> FindCopyAsync(string location, string label, CancellationToken cancellationToken)
    {
        var copy = CopyOf(location, label);
        File.Delete(copy + DurableFiles.PartialExtension);
        return Task.FromResult(File.Exists(copy) ? copy : null);
    }

    public string Accepts => "Lines, or a script of them.";

    public async Task<ForeignContent> RecogniseAsync(string file, CancellationToken cancellationToken)
    {
        var content = await File.ReadAllTextAsync(file, cancellationToken);
        return content.StartsWith("junk", StringComparison.Ordinal)
            ? throw new DatabaseException("It is junk.", "Give something else.")
            : new ForeignContent(content.StartsWith("script", StringComparison.Ordinal) ? ForeignKind.Script : ForeignKind.Archive, "Lines of somebody", new Dictionary<string, string>());
    }

    public Task<string?> FindScriptBlockerAsync(string location, CancellationToken cancellationToken) => Task.FromResult(ScriptBlocker);

    public Task<CopyResult> RunScriptAsync(string location, CopyWork work, RunProgress progress, CancellationToken cancellationToken) => RestoreAsCopyAsync(location, work, progress, cancellationToken);

    private void DemandKeeper(string what)
    {
        if (Keeper is null)
        {
            return;
        }

        if (_as != Keeper)
        {
            throw new LoginRefusedException(_as is null ? "me may not do this." : $"The password of {_as.User} was refused.", "Give another login.");
        }

        DoneAs.Add($"{what} as {Keeper.User}");
    }

    private static string CopyOf(string location, string label) => $"{location}.{label}";

    private static string Mark(string content) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)));

    private static bool IsDamaged(string content) => content.Split('\n').Contains(Damage);

    private static List<TableRows> Rows(string content) =>
    [
        .. content.Split('\n', StringSplitOptions.RemoveEmptyEntries).GroupBy(line => line.Split(' ')[0]).OrderBy(table => table.Key, StringComparer.Ordinal).Select(table => new TableRows(table.Key, table.Count())),
    ];

    private static async Task<string> ReadLiveAsync(string location, CancellationToken cancellationToken)
    {
        if (!File.Exists(location))
        {
            throw new DatabaseMissingException($"There is no file {location}.", "Bring it back.");
        }

        var content = await File.ReadAllTextAsync(location, cancellationToken);
        return IsDamaged(content) ? throw new DatabaseDamagedException("A line is damaged.", "Restore a backup.") : content;
    }

    private Task StrikeAsync(EngineStep step, CancellationToken cancellationToken, string? location = null) =>
        _faults.TryGetValue((step, location), out var fault) || _faults.TryGetValue((step, null), out fault) ? fault.StrikeAsync(cancellationToken) : Task.CompletedTask;
}

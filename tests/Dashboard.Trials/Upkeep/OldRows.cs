using System.Globalization;
using System.Text.Json;
using Dashboard.Core.Backups;
using Dashboard.Core.Files;
using Dashboard.Core.Retention;
using Dashboard.Workload;
using Microsoft.Data.Sqlite;

namespace Dashboard.Trials.Upkeep;

/// <summary>
/// A table with a rule, filled anew before each trial: rows that have to go, rows that are as old and that others refer to, and rows inside their age.
/// What each row must hold follows from its number, so whatever is lost, written twice or changed is seen.
/// </summary>
internal sealed class OldRows(ServerStore store, TrialDatabase database, ArchiveKind archive)
{
    public const string TaskPrefix = "rows-";

    private const int Days = 90;
    private const int OfEachTrial = 6000;

    /// <summary>Of a hundred rows: inside their age, and held by a note. The others go.</summary>
    private const int Young = 15;
    private const int Held = 5;

    private readonly Guid _rule = Guid.CreateVersion7();
    private readonly Dictionary<string, IReadOnlyList<long>> _read = [];
    private long _last;

    public string Task => TaskPrefix + archive.ToString().ToLowerInvariant();

    public object Arguments => new { Rule = _rule };

    /// <summary>Without an archive, foreign keys act: notes go with their event.</summary>
    private bool LetsKeysAct => archive == ArchiveKind.None;

    private string Table => "events_" + archive.ToString().ToLowerInvariant();

    private string ArchiveTable => Table + "_old";

    private string Notes => Table + "_notes";

    private string Folder => Path.Combine(database.BackupFolder, "rows");

    private static string Content => "'row ' || (id * 7919) || hex(zeroblob(100))";

    public async Task CreateAsync()
    {
        using (var connection = Ledger.Open(database.File))
        {
            Ledger.Execute(
                connection,
                $"""
                CREATE TABLE {Table} (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, at TEXT NOT NULL, content TEXT);
                CREATE TABLE {Notes} (event INTEGER NOT NULL REFERENCES {Table} (id){(LetsKeysAct ? " ON DELETE CASCADE" : "")});
                CREATE INDEX {Notes}_by_event ON {Notes} (event);
                """);
        }

        await store.AddAsync(new RowRule
        {
            Id = _rule,
            DatabaseId = database.Registered.Id,
            Table = Table,
            Column = "at",
            Kind = TimeKind.IsoText,
            Zone = "UTC",
            Days = Days,
            Archive = archive,
            ArchiveTable = archive == ArchiveKind.Table ? ArchiveTable : null,
            LetsKeysAct = LetsKeysAct,
            MostPercent = 100,
            ChangedAt = TimeProvider.System.GetUtcNow(),
        });
    }

    /// <summary>As an application would, in one transaction.</summary>
    public void Fill()
    {
        using var connection = Ledger.Open(database.File);
        Ledger.Execute(
            connection,
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                BEGIN IMMEDIATE;
                WITH RECURSIVE n (id) AS (SELECT {_last + 1} UNION ALL SELECT id + 1 FROM n WHERE id < {_last + OfEachTrial})
                INSERT INTO {Table}
                SELECT
                    id,
                    CASE WHEN id % 100 < {Young} THEN 'young' WHEN id % 100 < {Young + Held} AND NOT {LetsKeysAct} THEN 'held' ELSE 'going' END,
                    CASE
                        WHEN id % 100 = 0 THEN datetime('now')
                        WHEN id % 100 < {Young} THEN datetime('now', '-{Days} days', '+6 hours', (id % 5000) || ' minutes')
                        ELSE datetime('now', '-{Days} days', '-1 hours', -(id % 5000) || ' minutes')
                    END,
                    {Content}
                FROM n;
                INSERT INTO {Notes} SELECT id FROM {Table} WHERE id > {_last} AND (kind = 'held' OR id % 100 IN (0, 50) AND (kind = 'young' OR {LetsKeysAct}));
                COMMIT;
                """));
        _last += OfEachTrial;
    }

    /// <summary>At any moment: what is inside its age or held is there and unchanged, keys are whole, and what has gone is in the archive, once.</summary>
    /// <exception cref="TrialException">When it is not so.</exception>
    public async Task DemandNothingLostAsync()
    {
        var (live, expected) = (Read($"SELECT id FROM {Table} WHERE kind = 'going' AND content = {Content}"), Numbers('g').ToHashSet());
        Demand(Count($"SELECT COUNT(*) FROM {Table} WHERE kind = 'young' AND content = {Content}") == Numbers('y').Count(), $"{Table}: rows inside their age are gone or changed.");
        Demand(Count($"SELECT COUNT(*) FROM {Table} WHERE kind = 'held' AND content = {Content}") == Numbers('h').Count(), $"{Table}: rows that others refer to are gone or changed.");
        Demand(Count($"SELECT COUNT(*) FROM {Table} WHERE kind = 'going'") == live.Count, $"{Table}: rows are changed.");
        Demand(Count($"SELECT COUNT(*) FROM pragma_foreign_key_check") == 0, $"{Table}: a note has lost its event.");
        Demand(Count($"SELECT COUNT(*) FROM {Notes} JOIN {Table} ON id = event WHERE kind = 'young'") == Numbers('y').Count(id => id % 100 is 0 or 50), $"{Table}: notes of rows inside their age are gone.");
        if (archive == ArchiveKind.None)
        {
            Demand(live.All(expected.Contains), $"{Table} has rows that nobody wrote.");
            return;
        }

        var archived = archive == ArchiveKind.Table ? ReadArchiveTable() : await ReadArchiveFilesAsync();
        var twice = archived.CountBy(id => id).Where(pair => pair.Value > 1).Select(pair => pair.Key).ToList();
        Demand(twice.Count == 0, $"{twice.Count} rows of {Table} are in the archive more than once, from {twice.FirstOrDefault()}.");
        Demand(archived.All(expected.Contains), $"The archive of {Table} has rows that were not to go.");
        Demand(archive == ArchiveKind.File || !archived.Exists(live.ToHashSet().Contains), $"{Table}: rows are in the table and in its archive.");
        var gone = expected.Except(live).Except(archived).ToList();
        Demand(gone.Count == 0, $"{gone.Count} rows of {Table} are neither there nor in the archive, from {gone.FirstOrDefault()}.");
    }

    /// <summary>After the next start: the history is closed, nothing is half written, and files and their rows say the same.</summary>
    /// <exception cref="TrialException">When it is not so.</exception>
    public async Task DemandInOrderAsync(Guid run)
    {
        var removal = await store.FindRowRemovalAsync(run);
        Demand(removal is not { EndedAt: null }, $"The history of {Table} is open still.");
        Demand(removal is null || removal.Removed <= Numbers('g').Count(), $"The history of {Table} counts more rows than there were.");
        var files = Directory.Exists(Folder) ? Directory.GetFiles(Folder).Order().ToList() : [];
        Demand(!files.Exists(file => file.EndsWith(DurableFiles.PartialExtension, StringComparison.Ordinal)), $"Half an archive is left: {string.Join(", ", files)}");
        var known = (await store.ReadRowArchivesAsync(database.Registered.Id)).Select(row => row.FilePath).Order().ToList();
        Demand(files.SequenceEqual(known), $"The files {string.Join(", ", files)} are there, and known are {string.Join(", ", known)}.");
    }

    /// <summary>After a run that came to its end.</summary>
    /// <exception cref="TrialException">When something is left to do.</exception>
    public async Task DemandDoneAsync(Guid run)
    {
        var removal = await store.FindRowRemovalAsync(run);
        Demand(removal is { EndedAt: not null, Problem: null, Held: 0 }, $"The history of {Table} says: {removal?.Problem} {removal?.Held} held.");
        Demand(Count($"SELECT COUNT(*) FROM {Table} WHERE kind = 'going'") == 0, $"Old rows of {Table} are left.");
        Demand((await store.ReadRowArchivesAsync(database.Registered.Id)).All(row => row.IsDone), $"An archive of {Table} is not done.");
        if (archive != ArchiveKind.None)
        {
            Demand((archive == ArchiveKind.Table ? ReadArchiveTable() : await ReadArchiveFilesAsync()).Count == Numbers('g').Count(), $"The archive of {Table} lacks rows.");
        }
    }

    /// <summary>All that were ever written: g must go, h is held, y is young.</summary>
    private IEnumerable<long> Numbers(char kind)
    {
        for (var id = 1L; id <= _last; id++)
        {
            var place = id % 100;
            if (kind == (place < Young ? 'y' : place < Young + Held && !LetsKeysAct ? 'h' : 'g'))
            {
                yield return id;
            }
        }
    }

    private List<long> ReadArchiveTable()
    {
        if (Count($"SELECT COUNT(*) FROM sqlite_schema WHERE name = '{ArchiveTable}'") == 0)
        {
            return [];
        }

        var rows = Read($"SELECT id FROM {ArchiveTable} WHERE content = {Content}");
        Demand(Count($"SELECT COUNT(*) FROM {ArchiveTable}") == rows.Count, $"Rows are changed in {ArchiveTable}.");
        return rows;
    }

    private async Task<List<long>> ReadArchiveFilesAsync()
    {
        if (!Directory.Exists(Folder))
        {
            return [];
        }

        foreach (var file in Directory.GetFiles(Folder).Where(file => !file.EndsWith(DurableFiles.PartialExtension, StringComparison.Ordinal) && !_read.ContainsKey(file)))
        {
            _read.Add(file, await ReadArchiveFileAsync(file));
        }

        return [.. _read.Values.SelectMany(ids => ids)];
    }

    private static async Task<List<long>> ReadArchiveFileAsync(string file)
    {
        List<long> ids = [];
        using var content = new MemoryStream();
        try
        {
            await Artefact.ReadAsync(file, Compression.Fast, content, null, CancellationToken.None);
        }
        catch (InvalidDataException fault)
        {
            throw new TrialException($"{file} looks whole and is not: {fault.Message}", fault);
        }

        content.Position = 0;
        using var reader = new StreamReader(content);
        while (await reader.ReadLineAsync() is { } line)
        {
            using var json = JsonDocument.Parse(line);
            var row = json.RootElement.GetProperty("row");
            var id = row.GetProperty("id").GetInt64();
            Demand(row.GetProperty("content").GetString() == string.Create(CultureInfo.InvariantCulture, $"row {id * 7919}{new string('0', 200)}"), $"Row {id} is changed in {file}.");
            ids.Add(id);
        }

        return ids;
    }

    private long Count(string sql) => Read(sql)[0];

    private List<long> Read(string sql)
    {
        using var connection = Ledger.Open(database.File);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        List<long> numbers = [];
        while (reader.Read())
        {
            numbers.Add(reader.GetInt64(0));
        }

        return numbers;
    }

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new TrialException(otherwise);
        }
    }
}

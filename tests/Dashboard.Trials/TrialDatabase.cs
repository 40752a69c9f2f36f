using System.Diagnostics;
using System.Globalization;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Workload;

namespace Dashboard.Trials;

/// <summary>A content that can be brought back.</summary>
/// <param name="Id">Of the backup, or of the restore that is undone.</param>
internal sealed record Source(Guid Id, string State, long ContentBytes);

/// <summary>A registered ledger with an application that writes it and one that reads it, both all the time, neither ever killed.</summary>
internal sealed class TrialDatabase : IDisposable
{
    private const int RowBytes = 1100;
    private const int PageSize = 4096;

    private readonly string _log;
    private readonly OtherProcess _writer;
    private readonly OtherProcess _reader;
    private readonly string _stat;
    private long _logRead;

    private TrialDatabase(Database registered, Journal journal, string log, OtherProcess writer, OtherProcess reader, string stat, string backupFolder)
    {
        Registered = registered;
        Journal = journal;
        BackupFolder = backupFolder;
        _log = log;
        _writer = writer;
        _reader = reader;
        _stat = stat;
    }

    public Database Registered { get; }

    public Journal Journal { get; }

    public string BackupFolder { get; }

    public string File => Registered.Location;

    /// <summary>Backups to restore, one of each state.</summary>
    public Dictionary<string, Source> Backups { get; } = [];

    /// <summary>Restores that can be undone, newest last, and what each undo brings back.</summary>
    public List<Source> Undoable { get; } = [];

    /// <param name="seconds">When its applications end by themselves, should nobody be left to tell them.</param>
    public static async Task<TrialDatabase> CreateAsync(ServerStore store, string root, Journal journal, int megabytes, int rate, int seconds)
    {
        var name = "ledger-" + journal.ToString().ToLowerInvariant();
        var folder = Directory.CreateDirectory(Path.Combine(root, name)).FullName;
        var file = Path.Combine(folder, name + ".db");
        Ledger.Create(file, journal.ToString(), megabytes * 1024 * 1024 / RowBytes, PageSize);
        System.IO.File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);

        var registered = await store.RegisterAsync(name, file);
        var log = Path.Combine(root, name + ".log");
        var text = seconds.ToString(CultureInfo.InvariantCulture);
        var writer = await OtherProcess.StartAsync("writer", file, rate.ToString(CultureInfo.InvariantCulture), text, log);
        var reader = await OtherProcess.StartAsync("reader", file, text);
        return new TrialDatabase(registered, journal, log, writer, reader, await StatAsync(file), Path.Combine(root, "data", "backups", name));
    }

    /// <summary>Makes content B of content A, or the other way, as an application would: in one transaction.</summary>
    public void Become(string state)
    {
        using var connection = Ledger.Open(File);
        Ledger.Execute(connection, $"BEGIN IMMEDIATE; UPDATE filler SET state = '{state}', content = randomblob(1000); UPDATE marker SET state = '{state}'; COMMIT;");
    }

    /// <summary>Deletes a share of the filler, so that there is room to give back.</summary>
    public void Thin(double share)
    {
        using var connection = Ledger.Open(File);
        Ledger.Execute(connection, string.Create(CultureInfo.InvariantCulture, $"DELETE FROM filler WHERE id % 100 < {(int)(share * 100)}"));
    }

    /// <summary>Numbers that the writer logged as committed since the last call.</summary>
    public IReadOnlyList<long> ReadNewlyCommitted()
    {
        using var file = new FileStream(_log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = _logRead;
        using var reader = new StreamReader(file);
        var text = reader.ReadToEnd();
        var whole = text.LastIndexOf('\n') + 1;
        _logRead += whole;
        return [.. text[..whole].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => long.Parse(line, CultureInfo.InvariantCulture))];
    }

    /// <summary>Each committed transaction is live, or in the exact copy that a restore or an undo took before it.</summary>
    /// <param name="found">What the backups hold that were made since the last call.</param>
    /// <exception cref="TrialException">When one is in neither.</exception>
    public void DemandNothingLost(IReadOnlyList<long> committed, LedgerContent live, IReadOnlyList<Backup> inventory, IReadOnlyDictionary<Guid, LedgerContent> found)
    {
        var kept = live.Numbers.ToHashSet();
        foreach (var copy in inventory.Where(backup => backup.DatabaseId == Registered.Id && backup.Kind == BackupKind.Undo && found.ContainsKey(backup.Id)))
        {
            kept.UnionWith(found[copy.Id].Numbers);
        }

        var lost = committed.Where(number => !kept.Contains(number)).ToList();
        if (lost.Count > 0)
        {
            throw new TrialException($"{lost.Count} of {committed.Count} committed transactions are lost, from {lost[0]} to {lost[^1]}.");
        }
    }

    /// <exception cref="TrialException">When an application saw what must not be, the file is another one, or something lies beside it.</exception>
    public async Task DemandUndisturbedAsync(string journalNow)
    {
        foreach (var application in new[] { _writer, _reader })
        {
            if (await application.FindEndAsync() is { } end)
            {
                throw new TrialException(end);
            }
        }

        if (await StatAsync(File) is var stat && stat != _stat)
        {
            throw new TrialException($"Owner, group, mode and inode of {File} were {_stat} and are {stat}.");
        }

        if (!string.Equals(journalNow, Journal.ToString(), StringComparison.OrdinalIgnoreCase))
        {
            throw new TrialException($"{File} was in journal mode {Journal} and is in {journalNow}.");
        }

        string[] sidecars = [File, File + "-wal", File + "-shm", File + "-journal"];
        if (Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(File)!).Except(sidecars).ToList() is { Count: > 0 } left)
        {
            throw new TrialException($"Left beside the live database: {string.Join(", ", left)}");
        }
    }

    /// <summary>What the applications say at the end.</summary>
    public async Task<IReadOnlyList<(bool IsGood, string Words)>> EndAsync()
    {
        var (writer, reader) = (await _writer.EndAsync(), await _reader.EndAsync());
        return [(writer.IsGood, $"{Registered.Name} writer: {writer.Words}"), (reader.IsGood, $"{Registered.Name} reader: {reader.Words}")];
    }

    public void Dispose()
    {
        _writer.Dispose();
        _reader.Dispose();
    }

    private static async Task<string> StatAsync(string file)
    {
        using var stat = Process.Start(new ProcessStartInfo("stat", ["-c", "%u:%g %a %i", file]) { RedirectStandardOutput = true })!;
        var answer = await stat.StandardOutput.ReadToEndAsync();
        await stat.WaitForExitAsync();
        return answer.Trim();
    }
}

using System.Text;
using Dashboard.Core.Backups;
using Dashboard.Core.Files;

namespace Dashboard.Trials;

/// <summary>Tells from the files of a backup folder how far an operation is. Reads none that SQLite has open for others.</summary>
/// <param name="contentBytes">Size of the unpacked content of a restore.</param>
internal sealed class Footprints(Operation operation, string folder, long contentBytes)
{
    private static readonly byte[] SqliteMagic = Encoding.ASCII.GetBytes("SQLite format 3\0");

    private readonly HashSet<string> _before = [.. FilesOf(folder)];

    public Step Look()
    {
        var fresh = FilesOf(folder).Where(file => !_before.Contains(file)).ToList();
        var work = fresh.FirstOrDefault(file => file.EndsWith(BackupFolders.WorkExtension, StringComparison.Ordinal));
        var partial = fresh.FirstOrDefault(file => file.EndsWith(DurableFiles.PartialExtension, StringComparison.Ordinal) && file != work && !file.Contains(BackupFolders.ManifestExtension, StringComparison.Ordinal));
        if (fresh.Any(file => file.EndsWith(BackupFolders.ManifestExtension, StringComparison.Ordinal)))
        {
            return Step.Recorded;
        }

        var data = fresh.Any(file => !file.EndsWith(DurableFiles.PartialExtension, StringComparison.Ordinal));
        return operation == Operation.Backup ? OfBackup(data, work, partial) : OfReplacing(data, work, partial);
    }

    private static IEnumerable<string> FilesOf(string folder) => Directory.Exists(folder) ? Directory.EnumerateFiles(folder) : [];

    private static Step OfBackup(bool data, string? work, string? partial) => (data, work, partial) switch
    {
        (true, _, _) => Step.Publishing,
        (_, null, null) => Step.Starting,
        (_, null, { } file) => Length(file) > 0 ? Step.ReadingBack : Step.Starting,
        (_, _, { } file) when Length(file) > 0 => Step.Compressing,
        (_, { } copy, _) => IsCommitted(copy) ? Step.Checking : Step.Copying,
    };

    private Step OfReplacing(bool data, string? work, string? partial) => (data, work, partial) switch
    {
        (true, _, _) => Step.Restoring,
        (_, _, not null) => Step.KeepingUndo,
        (_, { } copy, _) => Length(copy) < contentBytes ? Step.Unpacking : Step.CheckingCopy,
        _ => Step.Starting,
    };

    /// <summary>A copy gets its first page last.</summary>
    private static bool IsCommitted(string copy)
    {
        try
        {
            using var file = File.OpenHandle(copy, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            Span<byte> start = stackalloc byte[SqliteMagic.Length];
            return RandomAccess.Read(file, start, 0) == start.Length && start.SequenceEqual(SqliteMagic);
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static long Length(string file)
    {
        try
        {
            return new FileInfo(file).Length;
        }
        catch (FileNotFoundException)
        {
            // It went on to its next name while we looked.
            return long.MaxValue;
        }
    }
}

using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Files;

namespace Dashboard.Sqlite.Restores;

/// <summary>Puts the content of a copy beside a database, under a name of its own, and never over anything.</summary>
internal static class RestoreAsCopy
{
    private const int BufferBytes = 128 * 1024;

    public static async Task<string> RunAsync(string location, string file, string label, RunProgress progress, CancellationToken cancellationToken)
    {
        var target = TargetOf(location, label);
        var folder = Path.GetDirectoryName(target)!;
        if (!Directory.Exists(folder))
        {
            throw new DatabaseMissingException($"The folder {folder} is not there.", "Create it, or correct the path of this database.");
        }

        DemandFree(target);
        FreeSpace.Demand(folder, new FileInfo(file).Length);

        var partial = NewFile.Partial(target);
        NewFile.CreatePrivate(partial);
        try
        {
            await CopyAsync(file, partial, progress, cancellationToken);

            // The application that reads the original should be able to read the copy.
            FileOwner.Copy(location, partial);
            NewFile.Publish(partial, target);
            return target;
        }
        finally
        {
            NewFile.Remove(partial);
        }
    }

    /// <summary>A crash leaves a partial file, which goes, or the whole one, which stays.</summary>
    public static string? Find(string location, string label)
    {
        var target = TargetOf(location, label);
        if (Directory.Exists(Path.GetDirectoryName(target)))
        {
            NewFile.Remove(NewFile.Partial(target));
        }

        return File.Exists(target) ? target : null;
    }

    private static string TargetOf(string location, string label)
    {
        if (label.Length == 0 || label.IndexOfAny(['/', '\\', '\0']) >= 0)
        {
            throw new ArgumentException("A label is a part of a file name.", nameof(label));
        }

        var name = $"{Path.GetFileNameWithoutExtension(location)}-{label}{Path.GetExtension(location)}";
        return Path.Combine(Path.GetDirectoryName(location)!, name);
    }

    /// <summary>A log left beside the new name would be replayed onto it, so it counts as taken too.</summary>
    private static void DemandFree(string target)
    {
        if (Sidecars.Of(target).Append(target).FirstOrDefault(File.Exists) is { } taken)
        {
            throw new DatabaseException($"{taken} is there already, and nothing is overwritten.", "Choose another name, or move that file away.");
        }
    }

    private static async Task CopyAsync(string file, string partial, RunProgress progress, CancellationToken cancellationToken)
    {
        await using var source = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan | FileOptions.Asynchronous);
        await using var target = new FileStream(partial, FileMode.Open, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
        progress.Phase("Copying", source.Length);

        var buffer = new byte[BufferBytes];
        long done = 0;
        int read;
        while ((read = await source.ReadAsync(buffer, cancellationToken)) > 0)
        {
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            progress.Report(done += read, source.Length);
        }
    }
}

using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Files;
using Dashboard.Core.Jobs;
using Dashboard.Sqlite.Aliases;
using Dashboard.Sqlite.Backups;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Files;
using Dashboard.Sqlite.States;

namespace Dashboard.Sqlite.Restores;

/// <summary>
/// Replaces the content of a live database through SQLite itself. The file is never replaced while others may hold it:
/// they would go on writing to the one that is gone.
/// </summary>
internal sealed class RestoreIntoLive(string location, RestoreWork work, RunProgress progress, TimeProvider time)
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(30);

    public async Task<RestoreResult> RunAsync(CancellationToken cancellationToken)
    {
        // Before room is asked for, which a full disk that nobody may write does not have either.
        if (ReadOnlyMount.Of(location) is not null)
        {
            throw SqliteErrors.ReadOnly(location);
        }

        var live = LiveContent.Look(location, LockPatience, time, cancellationToken);
        using var copy = PreparedCopy.Make(work.Content.Name, live, progress, cancellationToken);
        DemandSpace(live, copy);

        // As late as can be: an application under another name of the file would go on with its own content, and damage both.
        DemandWhole.ToWrite(location, cancellationToken);

        return live.Problem is null
            ? await ReplaceAsync(live, copy, cancellationToken)
            : await new RestoreOverUnreadable(location, work, progress, time).RunAsync(live, copy, cancellationToken);
    }

    private void DemandSpace(LiveContent live, PreparedCopy copy)
    {
        var folder = Path.GetDirectoryName(location)!;
        if (!Directory.Exists(folder))
        {
            throw new DatabaseMissingException($"The folder {folder} is not there.", "Create it, or correct the path of this database.");
        }

        var needed = LookAhead.BytesNeeded(location, live, copy.Bytes);
        if (work.Undo is null)
        {
            FreeSpace.Demand(folder, needed);
            return;
        }

        var undoFolder = Path.GetDirectoryName(work.Undo.Name)!;
        if (DiskSpace.ShareADisk(folder, undoFolder) == true)
        {
            FreeSpace.Demand(folder, needed + live.Bytes);
            return;
        }

        FreeSpace.Demand(folder, needed);
        FreeSpace.Demand(undoFolder, live.Bytes);
    }

    private async Task<RestoreResult> ReplaceAsync(LiveContent live, PreparedCopy copy, CancellationToken cancellationToken)
    {
        progress.Phase("Waiting for writers");
        using var freeze = Freeze.Take(location, copy.Content, time, cancellationToken);
        var frozen = time.GetTimestamp();
        try
        {
            KeepUndo(freeze, live, cancellationToken);

            // Stored after the undo file has its name: a crash from here on finds the file whole.
            await work.CheckpointAsync(freeze.Look(connection => new RestoreMark((int)connection.ReadLong("PRAGMA schema_version"), copy.Schema)).ToJson());
            freeze.Replace(progress, canCancel: true, cancellationToken);
        }
        catch when (!freeze.MayHaveCommitted)
        {
            freeze.Dispose();
            RemoveUndo();
            throw;
        }

        var waited = time.GetElapsedTime(frozen);
        var warnings = new CheckLive(location, copy, progress, time).Run(freeze, cancellationToken);
        var encoding = FindUsers.Run(location, CancellationToken.None) is [] ? [] : TextEncoding.Compare(live.Encoding, copy.Encoding);
        return new RestoreResult(waited, null, [.. warnings, .. encoding]);
    }

    private void KeepUndo(Freeze freeze, LiveContent live, CancellationToken cancellationToken)
    {
        if (work.Undo?.Name is not { } undo)
        {
            return;
        }

        progress.Phase("Keeping an undo copy", live.Bytes);
        var partial = NewFile.Partial(undo);
        NewFile.Remove(partial);
        try
        {
            freeze.Look(connection =>
            {
                CopyPages.ToNewFile(connection, partial, progress, cancellationToken);
                return true;
            });
            NewFile.Publish(partial, undo);
        }
        finally
        {
            NewFile.Remove(partial);
        }
    }

    private void RemoveUndo()
    {
        if (work.Undo?.Name is { } undo)
        {
            NewFile.Remove(undo);
        }
    }
}

using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;

namespace Dashboard.EngineSpecs;

/// <summary>What an engine's tests lend to the specs: real databases, looked at without the engine under test.</summary>
public abstract class EngineHarness : IAsyncDisposable
{
    protected EngineHarness() => Folder = Directory.CreateTempSubdirectory("engine-").FullName;

    /// <summary>Of this test alone; removed after it.</summary>
    public string Folder { get; }

    public abstract IDatabaseEngine Engine { get; }

    /// <summary>A location where no database is and one could be.</summary>
    public abstract string Nowhere { get; }

    /// <summary>A new database with some tables, some thousand rows and more than a megabyte.</summary>
    public abstract Task<string> CreateAsync();

    /// <summary>Adds, changes and deletes rows, and changes the schema.</summary>
    public abstract Task ChangeAsync(string location);

    /// <summary>
    /// Makes anew "events" (id, level of "debug" and "info" in turn, and a time of each kind in a column whose name begins with "at_") of 1,000 rows, one a day:
    /// 600 before June 2026, whose first ten have no time, and "notes", which points to the events 11 and 12 with a cascade.
    /// </summary>
    public abstract Task FillLogAsync(string location);

    /// <summary>Runs statements that both engines understand.</summary>
    public abstract Task RunSqlAsync(string location, string sql);

    /// <summary>All rows of all tables and the schema, as text.</summary>
    public abstract Task<string> ReadAllAsync(string location);

    /// <summary>The same without what the engine keeps for itself, such as the statistics that ANALYZE counts.</summary>
    public virtual Task<string> ReadContentAsync(string location) => ReadAllAsync(location);

    /// <summary>The same of a plain copy.</summary>
    public abstract Task<string> ReadAllOfCopyAsync(string file);

    /// <summary>Makes the database unreadable, where nobody has it open.</summary>
    public abstract Task DestroyAsync(string location);

    /// <summary>Damages something in the middle of a plain copy.</summary>
    public abstract Task DamageCopyAsync(string file);

    /// <summary>Everything that stands where the database stands: names and sizes.</summary>
    public abstract Task<IReadOnlyList<string>> ListSurroundingsAsync(string location);

    /// <summary>How far the engine checks a backup by itself.</summary>
    public virtual CheckLevel Level => CheckLevel.Compared;

    /// <summary>Whether a backup tells the exact sizes of what it holds: not one that comes as a stream of rows.</summary>
    public virtual bool MeasuresBackups => true;

    /// <summary>Whether the undo of a restore is the live database itself, kept beside.</summary>
    public virtual bool KeepsBeside => false;

    public string NewFile(string name) => Path.Combine(Folder, name);

    /// <summary>A place for an undo that no other restore of this test uses.</summary>
    public virtual ContentPlace NewUndo(string location, string name) => ContentPlace.File(NewFile(name + ".plain"));

    /// <summary>All rows of all tables and the schema of what lies there, as text.</summary>
    public virtual Task<string> ReadAllOfAsync(string location, ContentPlace place) => ReadAllOfCopyAsync(place.Name);

    /// <summary>The content that must not have changed when a restore stores its checkpoint, read from where it can be read then.</summary>
    public virtual Task<string> ReadAtCheckpointAsync(string location, ContentPlace undo) => ReadAllOfAsync(location, undo);

    public virtual Task<bool> ExistsAsync(string location, ContentPlace place) => Task.FromResult(File.Exists(place.Name));

    public virtual Task<long> SizeOfAsync(string location, ContentPlace place) => Task.FromResult(new FileInfo(place.Name).Length);

    /// <summary>Takes a backup and leaves it as a plain copy.</summary>
    public async Task<(string File, BackupContent Content)> TakeBackupAsync(string location, RunProgress? progress = null, CancellationToken cancellationToken = default)
    {
        var file = NewFile($"{Guid.NewGuid():N}.plain");
        var work = NewFile($"{Guid.NewGuid():N}.work");
        try
        {
            BackupContent content;
            await using (var artefact = File.Create(file))
            {
                content = await Engine.WriteBackupAsync(location, new BackupStaging(work, artefact), progress ?? RunProgress.None, cancellationToken);
            }

            return (file, await CheckAsync(file, content, cancellationToken));
        }
        finally
        {
            foreach (var left in Directory.GetFiles(Folder, Path.GetFileName(work) + "*"))
            {
                File.Delete(left);
            }
        }
    }

    /// <summary>As the product does when it reads back what it has written.</summary>
    private async Task<BackupContent> CheckAsync(string file, BackupContent content, CancellationToken cancellationToken)
    {
        if (Engine is not IStreamedBackup streamed)
        {
            return content;
        }

        await using var written = File.OpenRead(file);
        var check = await streamed.CheckStreamAsync(written, content.Rows.Count > 0 ? content.Rows : null, cancellationToken);
        return check.IsSound
            ? content with { Rows = check.Rows, Level = Level }
            : throw new InvalidOperationException(string.Join(" ", check.Problems));
    }

    public virtual ValueTask DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}

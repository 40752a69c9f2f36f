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

    /// <summary>All rows of all tables and the schema, as text.</summary>
    public abstract Task<string> ReadAllAsync(string location);

    /// <summary>The same of a plain copy.</summary>
    public abstract Task<string> ReadAllOfCopyAsync(string file);

    /// <summary>Makes the database unreadable, where nobody has it open.</summary>
    public abstract Task DestroyAsync(string location);

    /// <summary>Damages something in the middle of a plain copy.</summary>
    public abstract Task DamageCopyAsync(string file);

    /// <summary>Everything that stands where the database stands: names and sizes.</summary>
    public abstract Task<IReadOnlyList<string>> ListSurroundingsAsync(string location);

    public string NewFile(string name) => Path.Combine(Folder, name);

    /// <summary>Takes a backup and leaves it as a plain copy.</summary>
    public async Task<(string File, BackupContent Content)> TakeBackupAsync(string location, RunProgress? progress = null, CancellationToken cancellationToken = default)
    {
        var file = NewFile($"{Guid.NewGuid():N}.plain");
        var work = NewFile($"{Guid.NewGuid():N}.work");
        await using var artefact = File.Create(file);
        try
        {
            var content = await Engine.WriteBackupAsync(location, new BackupStaging(work, artefact), progress ?? RunProgress.None, cancellationToken);
            return (file, content);
        }
        finally
        {
            File.Delete(work);
        }
    }

    public virtual ValueTask DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}

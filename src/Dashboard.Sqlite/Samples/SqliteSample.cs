using Dashboard.Core.Databases;

namespace Dashboard.Sqlite.Samples;

/// <summary>The sample database of a first run, on SQLite.</summary>
internal sealed class SqliteSample(TimeProvider time) : ISampleDatabase
{
    public string Engine => SqliteEngine.Key;

    public Task CreateAsync(string location, CancellationToken cancellationToken) => SampleArchive.CreateAsync(location, time, cancellationToken);

    public Task<string> BreakAsync(string location, CancellationToken cancellationToken) => SampleArchive.BreakAsync(location, cancellationToken);

    /// <summary>It was made to be thrown away, and is registered no longer when this is called.</summary>
    public Task DeleteAsync(string location, CancellationToken cancellationToken)
    {
        foreach (var suffix in new[] { "", "-wal", "-shm", "-journal" })
        {
            cancellationToken.ThrowIfCancellationRequested();
            File.Delete(location + suffix);
        }

        return Task.CompletedTask;
    }
}

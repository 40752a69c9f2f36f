using Dashboard.Core.Databases;
using Dashboard.Sqlite.Connections;

namespace Dashboard.Sqlite.Samples;

/// <summary>The contract archive as the product knows it.</summary>
internal sealed class SqliteSample(TimeProvider time) : ISampleDatabase
{
    public string Engine => SqliteEngine.Key;

    public Task CreateAsync(string location, CancellationToken cancellationToken) => SampleArchive.CreateAsync(location, time, cancellationToken);

    public Task<string> BreakAsync(string location, CancellationToken cancellationToken) => SampleArchive.BreakAsync(location, cancellationToken);

    /// <summary>The sidecars first: without its database a log would be replayed onto the next one of that name.</summary>
    public Task DeleteAsync(string location, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var file in Sidecars.Of(location).Append(location))
        {
            File.Delete(file);
        }

        return Task.CompletedTask;
    }
}

using Dashboard.Core.Databases;

namespace Dashboard.Core.Tests.Fakes;

/// <summary>A sample of lines.</summary>
internal sealed class FakeSample : ISampleDatabase
{
    public string Engine => FakeEngine.Key;

    public Task CreateAsync(string location, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(location)!);
        return File.WriteAllTextAsync(location, "books 1\nbooks 2\n", cancellationToken);
    }

    public async Task<string> BreakAsync(string location, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(location, "books 1\n", cancellationToken);
        return "1 book is gone.";
    }

    public Task DeleteAsync(string location, CancellationToken cancellationToken)
    {
        File.Delete(location);
        return Task.CompletedTask;
    }
}

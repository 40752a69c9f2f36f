using Dashboard.Core.Store;

namespace Dashboard.Core.Tests.Fakes;

/// <summary>The store is there already.</summary>
internal sealed class FakeStoreHome(string? file) : IStoreHome
{
    public string? File => file;

    public string Place => file ?? "a server";

    public Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

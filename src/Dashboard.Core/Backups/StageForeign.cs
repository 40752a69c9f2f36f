using Dashboard.Core.Access;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Dashboard.Core.Backups;

/// <summary>
/// Takes in a dump that this product did not make: a private copy in the data folder, unpacked on the way, which nobody can change between the plan and
/// the restore. Removed by the restore, by hand, after a day, or at the next start.
/// </summary>
public sealed class StageForeign(IDbContextFactory<DashboardStore> stores, EngineCatalog engines, StagedDumps dumps, IOptionsMonitor<DashboardOptions> options, TimeProvider time)
{
    /// <summary>The longest name that is shown.</summary>
    private const int MaxName = 200;

    /// <summary>The largest dump that is taken in, unpacked.</summary>
    public long MaxBytes => (long)options.CurrentValue.ForeignGigabytes << 30;

    /// <summary>From a file on this machine.</summary>
    /// <exception cref="DatabaseException">When it can't be read, is too large, or is nothing that can be taken in.</exception>
    public async Task<StagedDump> FromPathAsync(Actor actor, Guid databaseId, string path, CancellationToken cancellationToken)
    {
        Permit.Demand(actor, Verb.RestoreForeign, Subject.Database(databaseId));
        var trimmed = path.Trim();
        if (!Path.IsPathFullyQualified(trimmed))
        {
            throw new DatabaseException("This is not a full path.", "Begin with the root, as in /srv/dumps/shop.dump.");
        }

        if (Directory.Exists(trimmed))
        {
            throw (await EngineOfAsync(databaseId, cancellationToken)).RefuseFolder(trimmed);
        }

        // A pipe or a device says that it holds nothing, and would be read for ever.
        var file = new FileInfo(trimmed);
        if (!file.Exists || file.Length == 0)
        {
            throw new DatabaseException(file.Exists ? $"{trimmed} is empty, or no ordinary file." : $"There is no file {trimmed} on the dashboard's machine, or it may not be seen.", $"The dashboard runs as {Environment.UserName}. Give the path of a dump that this user may read.");
        }

        try
        {
            await using var content = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);
            return await StageAsync(databaseId, file.Name, content, cancellationToken);
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new DatabaseException($"{trimmed} can't be read: {denied.Message}", $"Let the user {Environment.UserName} read it.", denied);
        }
    }

    /// <summary>From what somebody sends.</summary>
    /// <exception cref="DatabaseException">As in <see cref="FromPathAsync"/>.</exception>
    public Task<StagedDump> FromStreamAsync(Actor actor, Guid databaseId, string name, Stream content, CancellationToken cancellationToken)
    {
        Permit.Demand(actor, Verb.RestoreForeign, Subject.Database(databaseId));
        return StageAsync(databaseId, name, content, cancellationToken);
    }

    /// <summary>Null when it is not there any more.</summary>
    public async Task<StagedDump?> FindAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        if (await dumps.ReadAsync(id, cancellationToken) is not { } dump)
        {
            return null;
        }

        Permit.Demand(actor, Verb.RestoreForeign, Subject.Database(dump.DatabaseId));
        return dump;
    }

    public async Task DiscardAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        if (await FindAsync(actor, id, cancellationToken) is not null && !(await dumps.InUseAsync(cancellationToken)).Contains(id))
        {
            dumps.Remove(id);
        }
    }

    private async Task<StagedDump> StageAsync(Guid databaseId, string name, Stream content, CancellationToken cancellationToken)
    {
        var engine = await EngineOfAsync(databaseId, cancellationToken);
        var id = await dumps.BeginAsync(cancellationToken);
        try
        {
            var file = dumps.FileOf(id);
            var bytes = await new UnpackForeign(MaxBytes).RunAsync(content, file, cancellationToken);
            var shown = new string([.. Path.GetFileName(name).Where(letter => !char.IsControl(letter)).Take(MaxName)]);
            var dump = new StagedDump(id, databaseId, shown, bytes, await engine.RecogniseAsync(file, cancellationToken), time.GetUtcNow());
            await dumps.DescribeAsync(dump, cancellationToken);
            return dump;
        }
        catch
        {
            dumps.Remove(id);
            throw;
        }
    }

    private async Task<IForeignDumps> EngineOfAsync(Guid databaseId, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var database = await store.Databases.AsNoTracking().FirstAsync(row => row.Id == databaseId, cancellationToken);
        return engines.For(database) as IForeignDumps ?? throw new DatabaseException($"A {engines.For(database).Description.Title} database takes in no foreign dumps.");
    }
}

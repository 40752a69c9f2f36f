using Dashboard.Core.Access;
using Dashboard.Core.Backups;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Dashboard.Core.FirstRun;

/// <summary>
/// What a newcomer finds: the dashboard's own store, being backed up, and a sample to try everything on.
/// A store on a server is backed up with that server; then there is only the sample.
/// </summary>
public sealed class MakeFirstRun(
    IDbContextFactory<DashboardStore> stores,
    AddDatabase add,
    EngineCatalog engines,
    AskForRun ask,
    ISampleDatabase sample,
    IStoreHome home,
    DataFolder data,
    IOptions<DashboardOptions> options)
{
    public const string StoreName = "dashboard";

    public const string SampleName = "sample-archive";

    /// <summary>Safe to repeat: what is there, or was removed by hand, is left alone.</summary>
    public async Task MakeAsync(CancellationToken cancellationToken)
    {
        await NameApart.TellApartAsync(stores, engines, cancellationToken);
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        if (home.File is { } file)
        {
            await MakeWithOwnStoreAsync(store, file, cancellationToken);
        }
        else if (options.Value.Sample && !await store.Databases.AnyAsync(cancellationToken))
        {
            // Rows of removed databases stay: none at all is a first start.
            await MakeSampleAsync(store, cancellationToken);
        }
    }

    private async Task MakeWithOwnStoreAsync(DashboardStore store, string file, CancellationToken cancellationToken)
    {
        if (await store.Databases.AnyAsync(database => database.IsOwnStore, cancellationToken))
        {
            // The data folder may have been moved since the last start.
            await store.Databases.Where(database => database.IsOwnStore).ExecuteUpdateAsync(database => database.SetProperty(d => d.Location, file), cancellationToken);
            return;
        }

        // The store's own row comes last: killed before it, the next start makes all of this again.
        if (options.Value.Sample)
        {
            await MakeSampleAsync(store, cancellationToken);
        }

        var own = await add.RegisterOwnAsync(Actor.Dashboard, sample.Engine, file, StoreName, isSample: false, isOwnStore: true, cancellationToken);
        await ask.AskAsync(Actor.Dashboard, TakeBackup.JobKey, own.Subject, null, cancellationToken);
    }

    private async Task MakeSampleAsync(DashboardStore store, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(data.SampleFile)!);
        if (!File.Exists(data.SampleFile))
        {
            await sample.CreateAsync(data.SampleFile, cancellationToken);
        }

        if (!await store.Databases.AnyAsync(database => database.IsSample, cancellationToken))
        {
            await add.RegisterOwnAsync(Actor.Dashboard, sample.Engine, data.SampleFile, SampleName, isSample: true, isOwnStore: false, cancellationToken);
        }
    }
}

using Bunit;
using Dashboard.Core.Backups;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.FirstRun;
using Dashboard.Core.Fleet;
using Dashboard.Core.Jobs;
using Microsoft.AspNetCore.Components;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace Dashboard.Web.Tests;

/// <summary>Pages over runs that have come to an end.</summary>
public abstract class PagesWithRuns : Pages
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    protected T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    /// <summary>Asks for a run and waits for its end; the pool must have been started.</summary>
    protected async Task<RunDetails> RunAsync(string job, Database database) =>
        await EndAsync(await Get<AskForRun>().AskAsync(Me, job, database.Subject, null, CancellationToken.None));

    protected async Task<RunDetails> EndAsync(Run run)
    {
        using var patience = new CancellationTokenSource(Patience);
        await foreach (var snapshot in Get<JobFeed>().WatchAsync(TimeSpan.FromMilliseconds(20), patience.Token))
        {
            if (snapshot.Runs.All(live => live.Id != run.Id))
            {
                break;
            }
        }

        return (await Get<ReadRuns>().FindAsync(Me, run.Id, CancellationToken.None))!;
    }

    /// <summary>A backup of now.</summary>
    protected async Task<Backup> BackUpAsync(Database database)
    {
        var run = await RunAsync(JobKeys.Backup, database);
        Assert.True(run.Run.State == RunState.Succeeded, run.Run.Problem);
        var (backups, _) = await Get<ReadBackups>().ListAsync(Me, database.Id, deleted: false, 0, 1, CancellationToken.None);
        return backups[0].Backup;
    }

    /// <summary>The dashboard's own store, registered as at the first start.</summary>
    protected async Task<Database> AddOwnStoreAsync()
    {
        Get<IOptions<DashboardOptions>>().Value.Sample = false;
        await Get<MakeFirstRun>().MakeAsync(CancellationToken.None);
        return (await Get<ReadFleet>().ListAsync(Me, CancellationToken.None)).Single(row => row.Database.IsOwnStore).Database;
    }

    /// <summary>Finds and presses at once: no render may come in between and take the element away.</summary>
    protected static Task PressAsync<T>(IRenderedComponent<T> page, string selector, string words = "")
        where T : IComponent => page.InvokeAsync(() => page.FindAll(selector).Last(element => element.TextContent.Contains(words, StringComparison.Ordinal)).ClickAsync());

    protected static void Write(Database database, string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = database.Location, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    protected static string FileOf(Backup backup) => Path.Combine(backup.Folder, backup.FileName);
}

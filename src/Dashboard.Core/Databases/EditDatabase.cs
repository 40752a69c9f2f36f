using Dashboard.Core.Access;
using Dashboard.Core.Configuration;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Databases;

/// <summary>What an admin may change of a registration. The slug stays: addresses and file names hold on to it.</summary>
public sealed record DatabaseEdit(string Name, string Location, string? BackupFolder, bool AlwaysAskForName, string? Tags = null, FolderConsent Consent = FolderConsent.None);

/// <summary>Renames and moves a registration, and says where its backups go.</summary>
public sealed class EditDatabase(IDbContextFactory<DashboardStore> stores, AddDatabase add, BackupPlaces places, Logins logins, JobFeed feed)
{
    /// <exception cref="DatabaseException">When something can't be taken; nothing is changed then.</exception>
    /// <exception cref="RunConflictException">When it is to be moved while a run works on it.</exception>
    public async Task EditAsync(Actor actor, Guid databaseId, DatabaseEdit edit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(edit);
        Permit.Demand(actor, Verb.EditDatabase, Subject.Database(databaseId));

        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var database = await store.Databases.FirstOrDefaultAsync(row => row.Id == databaseId, cancellationToken)
            ?? throw new DatabaseMissingException("This database is no longer registered.", "Load the page again.");

        var name = AddDatabase.DemandName(edit.Name);
        if (name != database.Name && await NameApart.IsTakenAsync(store, name, databaseId, cancellationToken))
        {
            throw new DatabaseException($"Another database is called {name} already.", "Choose another name, for example with its server or folder in it.");
        }

        database.Name = name;
        database.AlwaysAskForName = edit.AlwaysAskForName;
        database.Tags = Tags.Demand(edit.Tags);
        if (edit.BackupFolder?.Trim() != database.BackupFolder || edit.Consent != FolderConsent.None)
        {
            database.BackupFolder = places.Choose(edit.BackupFolder, edit.Consent);
        }

        if (edit.Location != database.Location)
        {
            await DemandNoRunAsync(store, database, cancellationToken);
            database.Location = await MovedAsync(actor, database, edit.Location, cancellationToken);
        }

        await store.SaveChangesAsync(cancellationToken);
        feed.Changed();
    }

    /// <summary>A restore that is killed is traced where the database is registered: it must be the place where it began.</summary>
    private static async Task DemandNoRunAsync(DashboardStore store, Database database, CancellationToken cancellationToken)
    {
        if (await store.Runs.FirstOrDefaultAsync(run => run.SubjectId == database.Id && run.State < RunState.Succeeded, cancellationToken) is { } open)
        {
            throw new RunConflictException(open.Id, $"A run of {database.Name} is not finished yet. Wait for it, or cancel it, then move the database.");
        }
    }

    private async Task<string> MovedAsync(Actor actor, Database database, string location, CancellationToken cancellationToken)
    {
        if (database.IsOwnStore)
        {
            throw new DatabaseException("The dashboard's own store is where its data folder is.", "To move it, stop the dashboard, move the folder, and start it with --data.");
        }

        var check = await add.CheckAsync(actor, database.Engine, location, cancellationToken, exceptId: database.Id);
        var moved = check.Location ?? throw new DatabaseException(check.Headline, check.NextStep);
        if (check.Login is { } login)
        {
            await logins.KeepAsync(login, cancellationToken);
        }

        return moved;
    }
}

using System.Text.Json;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Retention;
using Dashboard.Core.Store;
using Dashboard.Sqlite.Store;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Trials;

/// <summary>The server's store, used as a second instance would: rows in, rows out, while the server lives and while it is dead.</summary>
internal sealed class ServerStore(string file)
{
    /// <param name="backupFolder">Where its backups go; null for the folder of the settings.</param>
    public async Task<Database> RegisterAsync(string name, string location, string engine = "sqlite", string? backupFolder = null)
    {
        await using var store = Open();
        var database = new Database
        {
            Id = Guid.CreateVersion7(),
            Slug = name,
            Name = name,
            Engine = engine,
            Location = location,
            BackupFolder = backupFolder,
            AddedAt = TimeProvider.System.GetUtcNow(),
        };
        store.Databases.Add(database);
        await store.SaveChangesAsync();
        return database;
    }

    public async Task RemoveAsync(Guid databaseId)
    {
        await using var store = Open();
        var now = TimeProvider.System.GetUtcNow();
        await store.Databases.Where(database => database.Id == databaseId).ExecuteUpdateAsync(database => database.SetProperty(d => d.RemovedAt, now));
    }

    /// <summary>A password, encrypted as the server does it: with the keys of its data folder.</summary>
    public async Task KeepLoginAsync(string server, string user, string password)
    {
        var keys = DataProtectionProvider.Create(new DirectoryInfo(Path.Combine(Path.GetDirectoryName(file)!, "keys")), builder => builder.SetApplicationName("Dashboard"));
        await using var store = Open();
        store.Logins.Add(new StoredLogin
        {
            Id = Guid.CreateVersion7(),
            Engine = "postgres",
            Server = server,
            User = user,
            Secret = keys.CreateProtector("Dashboard.Logins").Protect(password),
            ChangedAt = TimeProvider.System.GetUtcNow(),
        });
        await store.SaveChangesAsync();
    }

    public async Task<Guid> AskAsync(string job, Guid databaseId, object? arguments = null)
    {
        await using var store = Open();
        var now = TimeProvider.System.GetUtcNow();
        var run = new Run
        {
            Id = Guid.CreateVersion7(now),
            Job = job,
            SubjectKind = SubjectKind.Database,
            SubjectId = databaseId,
            Arguments = arguments is null ? null : JsonSerializer.Serialize(arguments),
            AskedBy = "Trials",
            DueAt = now,
            QueuedAt = now,
            Writes = job != JobKeys.Backup,
            IsOneAtATime = job == JobKeys.Backup,
        };
        store.Runs.Add(run);
        await store.SaveChangesAsync();
        return run.Id;
    }

    public async Task<Run> ReadRunAsync(Guid id)
    {
        await using var store = Open();
        return await store.Runs.AsNoTracking().FirstAsync(run => run.Id == id);
    }

    public async Task<IReadOnlyList<Run>> ReadOpenRunsAsync()
    {
        await using var store = Open();
        return await store.Runs.AsNoTracking().Where(run => run.State < RunState.Succeeded).ToListAsync();
    }

    public async Task<IReadOnlyList<Backup>> ReadBackupsAsync()
    {
        await using var store = Open();
        return await store.Backups.AsNoTracking().ToListAsync();
    }

    public async Task<Restore?> FindRestoreAsync(Guid runId)
    {
        await using var store = Open();
        return await store.Restores.AsNoTracking().FirstOrDefaultAsync(restore => restore.RunId == runId);
    }

    public async Task AddAsync(RowRule rule)
    {
        await using var store = Open();
        store.RowRules.Add(rule);
        await store.SaveChangesAsync();
    }

    public async Task<RowRemoval?> FindRowRemovalAsync(Guid runId)
    {
        await using var store = Open();
        return await store.RowRemovals.AsNoTracking().FirstOrDefaultAsync(removal => removal.Id == runId);
    }

    public async Task<IReadOnlyList<RowArchive>> ReadRowArchivesAsync(Guid databaseId)
    {
        await using var store = Open();
        return await store.RowArchives.AsNoTracking().Where(archive => archive.DatabaseId == databaseId).ToListAsync();
    }

    /// <summary>What the run was doing last.</summary>
    public async Task<string> ReadPhaseAsync(Guid runId)
    {
        await using var store = Open();
        return await store.RunPhases.AsNoTracking().Where(phase => phase.RunId == runId).OrderBy(phase => phase.Id).Select(phase => phase.Name).LastOrDefaultAsync() ?? "its beginning";
    }

    private DashboardStore Open()
    {
        var options = new DbContextOptionsBuilder<DashboardStore>();
        SqliteStore.Use(options, file);
        return new DashboardStore(options.Options);
    }
}

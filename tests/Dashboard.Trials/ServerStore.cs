using System.Text.Json;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Store;
using Dashboard.Sqlite.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Trials;

/// <summary>The server's store, used as a second instance would: rows in, rows out, while the server lives and while it is dead.</summary>
internal sealed class ServerStore(string file)
{
    public async Task<Database> RegisterAsync(string name, string location)
    {
        await using var store = Open();
        var database = new Database
        {
            Id = Guid.CreateVersion7(),
            Slug = name,
            Name = name,
            Engine = "sqlite",
            Location = location,
            AddedAt = TimeProvider.System.GetUtcNow(),
        };
        store.Databases.Add(database);
        await store.SaveChangesAsync();
        return database;
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

    private DashboardStore Open()
    {
        var options = new DbContextOptionsBuilder<DashboardStore>();
        SqliteStore.Use(options, file);
        return new DashboardStore(options.Options);
    }
}

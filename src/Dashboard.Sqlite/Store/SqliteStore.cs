using System.Globalization;
using System.Reflection;
using Dashboard.Core.Configuration;
using Dashboard.Core.Files;
using Dashboard.Core.Metrics;
using Dashboard.Core.Store;
using Dashboard.Sqlite.Metrics;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;

namespace Dashboard.Sqlite.Store;

/// <summary>The dashboard's store in a SQLite file of the data folder.</summary>
public static class SqliteStore
{
    public static void Use(DbContextOptionsBuilder options, string file) => options.UseSqlite(
        new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 30, ForeignKeys = true }.ToString(),
        sqlite => sqlite.MigrationsAssembly(typeof(SqliteStore).Assembly));

    public static IServiceCollection AddSqliteStore(this IServiceCollection services) => services
        .AddDbContextFactory<DashboardStore>((provider, options) => Use(options, provider.GetRequiredService<DataFolder>().StoreFile))
        .AddSingleton<IStoreHome, SqliteStoreHome>()
        .AddSingleton<ISampleStore>(provider => new SqliteSampleStore(provider.GetRequiredService<DataFolder>().StoreFile));

    /// <summary>
    /// Whether the store is of this version and knows itself by its path, so that neither <see cref="PrepareAsync"/> nor the first run has anything to do.
    /// Asked of SQLite itself: EF Core builds its whole model before it answers, which is a third of a start.
    /// </summary>
    public static bool IsAsLeft(DataFolder data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (!File.Exists(data.StoreFile))
        {
            return false;
        }

        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = data.StoreFile, DefaultTimeout = 30, ForeignKeys = true }.ToString());
        connection.Open();
        return HasTables(connection) && ReadApplied(connection).SetEquals(Known()) && KnowsItself(connection, data.StoreFile);
    }

    /// <summary>Creates the store, or brings it to this version; before a change it is copied beside itself.</summary>
    /// <exception cref="StoreIsNewerException">When a newer version of the dashboard has written it.</exception>
    public static async Task PrepareAsync(IDbContextFactory<DashboardStore> stores, DataFolder data, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stores);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(time);

        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        if (File.Exists(data.StoreFile))
        {
            var known = store.Database.GetMigrations().ToHashSet();
            var applied = (await store.Database.GetAppliedMigrationsAsync(cancellationToken)).ToList();
            if (applied.Where(migration => !known.Contains(migration)).ToList() is { Count: > 0 } newer)
            {
                throw new StoreIsNewerException(data.StoreFile, newer[^1], "choose another data folder with --data");
            }

            // Asked to migrate all the same, EF Core compares models and locks the store to find that out: a good part of each start.
            if (applied.Count == known.Count)
            {
                return;
            }

            if (applied.Count > 0)
            {
                CopyBeforeChange(data.StoreFile, string.Create(CultureInfo.InvariantCulture, $"{data.StoreFile}.before-{applied[^1]}-{time.GetUtcNow():yyyyMMdd-HHmmss}"));
            }
        }

        await store.Database.MigrateAsync(cancellationToken);
    }

    private static bool HasTables(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT COUNT(*) = 2
            FROM sqlite_schema
            WHERE type = 'table' AND name IN ('__EFMigrationsHistory', 'databases')
            """;
        return (long)command.ExecuteScalar()! == 1;
    }

    private static HashSet<string> ReadApplied(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT "MigrationId"
            FROM "__EFMigrationsHistory"
            """;
        using var reader = command.ExecuteReader();
        var applied = new HashSet<string>();
        while (reader.Read())
        {
            applied.Add(reader.GetString(0));
        }

        return applied;
    }

    private static IEnumerable<string> Known() => typeof(SqliteStore).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(Migration)))
        .Select(type => type.GetCustomAttribute<MigrationAttribute>()!.Id);

    private static bool KnowsItself(SqliteConnection connection, string file)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT EXISTS (
              SELECT 1
              FROM databases
              WHERE "IsOwnStore" AND "Location" = $file
            )
            """;
        command.Parameters.AddWithValue("$file", file);
        return (long)command.ExecuteScalar()! == 1;
    }

    private static void CopyBeforeChange(string file, string copy)
    {
        var partial = copy + DurableFiles.PartialExtension;
        File.Delete(partial);
        using (var source = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, DefaultTimeout = 30 }.ToString()))
        using (var target = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = partial, Pooling = false, DefaultTimeout = 30 }.ToString()))
        {
            source.Open();
            target.Open();
            source.BackupDatabase(target);

            // The store is in WAL mode and its copy would be too: one file, that opens on a read-only disk as well.
            using var plain = target.CreateCommand();
            plain.CommandText = "PRAGMA journal_mode = DELETE";
            plain.ExecuteNonQuery();
        }

        DurableFiles.Publish(partial, copy);
    }
}

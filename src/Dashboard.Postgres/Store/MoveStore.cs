using System.Data.Common;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Dashboard.Postgres.Store;

/// <param name="Rows">Counted on both sides.</param>
public sealed record MovedTable(string Name, long Rows);

/// <summary>
/// Copies a store of whatever engine into an empty PostgreSQL database: every table, the samples with them, in one transaction.
/// The store that it comes from is only read.
/// </summary>
public sealed class MoveStore(DashboardStore source, string connection, TimeProvider time)
{
    /// <exception cref="StoreException">When it can't be moved; the target is as it was then, but for empty tables.</exception>
    public async Task<IReadOnlyList<MovedTable>> RunAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tell);
        await using var server = new StoreServer(StoreServer.Read(connection));
        await DemandThisVersionAsync(cancellationToken);
        try
        {
            await using var alone = await StoreLock.TakeAsync(server, TimeSpan.FromSeconds(1), cancellationToken);
            await using var target = await server.Source.OpenConnectionAsync(cancellationToken);
            await DemandNothingElseAsync(target, server.Place, cancellationToken);
            var tables = await MakeTablesAsync(server, cancellationToken);
            await DemandEmptyAsync(target, server.Place, tables, cancellationToken);
            return await CopyAsync(target, tables, tell, cancellationToken);
        }
        catch (Exception fault) when (fault is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
        {
            throw StoreFaults.InWords(server.Place, fault);
        }
    }

    private async Task DemandThisVersionAsync(CancellationToken cancellationToken)
    {
        var known = source.Database.GetMigrations().ToHashSet();
        var applied = (await source.Database.GetAppliedMigrationsAsync(cancellationToken)).ToHashSet();
        if (!applied.IsSubsetOf(known))
        {
            throw new StoreException("The store was written by a newer version of the dashboard. Move it with that version.");
        }

        if (applied.Count < known.Count)
        {
            throw new StoreException("The store is of an older version. Start the dashboard once, which brings it to this version, stop it, and move it then.");
        }
    }

    /// <summary>A database that others use is not ours to fill.</summary>
    private static async Task DemandNothingElseAsync(NpgsqlConnection target, string place, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT COALESCE(string_agg(relname, ', ' ORDER BY relname), '')
            FROM pg_class
            WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
              AND relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname IN ('pg_catalog', 'information_schema') OR nspname LIKE 'pg\_toast%' OR nspname LIKE 'pg\_temp%')
              AND relname <> ALL (@ours)
              AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')
            """,
            target);
        command.Parameters.AddWithValue("ours", StoreTable.OurNames);
        if (await command.ExecuteScalarAsync(cancellationToken) is string { Length: > 0 } others)
        {
            throw new StoreException($"The {place} holds what is not the dashboard's: {others}. Give it a database of its own.");
        }
    }

    private static async Task<IReadOnlyList<StoreTable>> MakeTablesAsync(StoreServer server, CancellationToken cancellationToken)
    {
        var options = new DbContextOptionsBuilder<DashboardStore>();
        PostgresStore.Use(options, server);
        await PostgresStore.PrepareAsync(new OneStore(options.Options), server.Place, cancellationToken);
        await using var store = new DashboardStore(options.Options);
        return StoreTable.All(store.Model);
    }

    private static async Task DemandEmptyAsync(NpgsqlConnection target, string place, IReadOnlyList<StoreTable> tables, CancellationToken cancellationToken)
    {
        foreach (var table in tables)
        {
            if (await CountAsync(target, table, cancellationToken) is > 0 and var rows)
            {
                throw new StoreException($"The {place} holds a store already ({rows} rows of {table.Name}). Give another database, an empty one.");
            }
        }
    }

    private async Task<IReadOnlyList<MovedTable>> CopyAsync(NpgsqlConnection target, IReadOnlyList<StoreTable> tables, Action<string> tell, CancellationToken cancellationToken)
    {
        var moved = new List<MovedTable>();
        await using var moment = await source.Database.BeginTransactionAsync(cancellationToken);
        await using var transaction = await target.BeginTransactionAsync(cancellationToken);
        foreach (var table in tables)
        {
            await CopyAsync(table, target, cancellationToken);
            var (there, here) = (await CountAsync(source.Database.GetDbConnection(), table, cancellationToken), await CountAsync(target, table, cancellationToken));
            if (there != here)
            {
                throw new StoreException($"Of {table.Name} there are {there} rows, and {here} arrived. Nothing was kept.");
            }

            moved.Add(new MovedTable(table.Name, here));
            tell($"{table.Name,-16} {here,12}");
        }

        await NumberOnAsync(target, cancellationToken);
        await LeaveTheFileAsync(target, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return moved;
    }

    private async Task CopyAsync(StoreTable table, NpgsqlConnection target, CancellationToken cancellationToken)
    {
        await using var read = source.Database.GetDbConnection().CreateCommand();
        read.CommandText = $"SELECT {table.Columns} FROM {table.Quoted}";
        await using var rows = await read.ExecuteReaderAsync(cancellationToken);
        await using var write = await target.BeginBinaryImportAsync($"COPY {table.Quoted} ({table.Columns}) FROM STDIN (FORMAT binary)", cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            await write.StartRowAsync(cancellationToken);
            await table.CopyRowAsync(rows, write, cancellationToken);
        }

        await write.CompleteAsync(cancellationToken);
    }

    /// <summary>What numbers itself goes on after the rows that came with their numbers.</summary>
    private static async Task NumberOnAsync(NpgsqlConnection target, CancellationToken cancellationToken)
    {
        foreach (var (table, column) in new[] { ("run_phases", "Id"), ("run_lines", "Id"), ("series", "id") })
        {
            await using var command = new NpgsqlCommand($"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), MAX(\"{column}\")) FROM {table} HAVING COUNT(*) > 0", target);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>The file that was the store stays where it is, and is nobody's store from here on: it leaves the fleet, its backups stay.</summary>
    private async Task LeaveTheFileAsync(NpgsqlConnection target, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            UPDATE schedules SET "IsOn" = FALSE, "NextAt" = NULL WHERE "SubjectId" IN (SELECT "Id" FROM databases WHERE "IsOwnStore");
            UPDATE databases SET "IsOwnStore" = FALSE, "RemovedAt" = @now WHERE "IsOwnStore"
            """,
            target);
        command.Parameters.AddWithValue("now", time.GetUtcNow().UtcDateTime);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<long> CountAsync(DbConnection connection, StoreTable table, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT COUNT(*) FROM {table.Quoted}";
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private sealed class OneStore(DbContextOptions<DashboardStore> options) : IDbContextFactory<DashboardStore>
    {
        public DashboardStore CreateDbContext() => new(options);
    }
}

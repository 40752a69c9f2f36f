using System.Diagnostics.CodeAnalysis;
using System.Text;
using Dashboard.Core.Files;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.Maintenance;

/// <summary>
/// Takes orphans out of a database: their copy first, then all of them in one transaction. Rows are named by where they lie, which nobody
/// can change while the tables are locked against writers.
/// </summary>
[SuppressMessage("Security", "CA2100", Justification = "Names can't be parameters; they are quoted.")]
internal sealed class RemoveOrphans(NpgsqlConnection connection, RunProgress progress)
{
    private readonly Dictionary<TableName, (string Temporary, long Rows)> gone = [];

    /// <summary>In a transaction that is taken back, and without any lock: what is found may change the moment after.</summary>
    public async Task<OrphanList> FindAsync(CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync("BEGIN ISOLATION LEVEL REPEATABLE READ", cancellationToken);
        progress.Phase("Looking for orphans");
        var found = await LookAsync(locks: false, cancellationToken);
        await connection.ExecuteAsync("ROLLBACK", CancellationToken.None);
        return found;
    }

    public async Task<OrphanList> RunAsync(string keep, long most, CancellationToken cancellationToken)
    {
        var partial = keep + DurableFiles.PartialExtension;
        File.Delete(partial);
        try
        {
            await connection.ExecuteAsync("BEGIN", cancellationToken);
            var removed = await RemoveAsync(partial, most, cancellationToken);
            if (removed.Rows == 0)
            {
                await connection.ExecuteAsync("ROLLBACK", CancellationToken.None);
                return removed;
            }

            cancellationToken.ThrowIfCancellationRequested();
            progress.Phase("Committing", canCancel: false);

            // A crash from here on finds the copy whole, whether the rows are gone or not. So does a connection that is lost in the commit: the copy stays.
            DurableFiles.Publish(partial, keep);
            try
            {
                await connection.ExecuteAsync("COMMIT", CancellationToken.None);
            }
            catch (PostgresException)
            {
                File.Delete(keep);
                throw;
            }

            return removed;
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private async Task<OrphanList> RemoveAsync(string partial, long most, CancellationToken cancellationToken)
    {
        await using var file = DurableFiles.CreatePrivate(partial);
        await using var text = new StreamWriter(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };
        await text.WriteLineAsync("-- Rows that were removed because their parents were not there.");
        await text.WriteLineAsync("-- To bring them back, let psql read this file as a superuser: only then the foreign keys do not stop them.");
        await text.WriteLineAsync("BEGIN;");
        await text.WriteLineAsync("SET LOCAL session_replication_role = replica;");
        List<OrphanGroup> groups = [];
        for (var round = 1; ; round++)
        {
            progress.Phase("Looking for orphans");
            var found = await LookAsync(locks: true, cancellationToken);
            groups.AddRange(found.Groups);
            var all = new OrphanList(groups, found.Left);
            all.DemandAtMost(most);

            if (found.Rows == 0)
            {
                await text.WriteLineAsync("COMMIT;");
                await text.FlushAsync(cancellationToken);
                file.Flush(flushToDisk: true);
                return all;
            }

            OrphanList.DemandAnEnd(round);

            progress.Phase("Keeping a copy");
            foreach (var (table, rows) in gone)
            {
                await WriteAsync(text, table, rows.Temporary, cancellationToken);
            }

            progress.Phase("Removing");
            foreach (var table in await ChildrenFirstAsync(cancellationToken))
            {
                await connection.ExecuteAsync($"DELETE FROM {table.ToSql()} c USING {gone[table].Temporary} g WHERE c.tableoid = g.t AND c.ctid = g.k", cancellationToken);
            }
        }
    }

    /// <summary>The orphans, and round by round what names a row that goes.</summary>
    private async Task<OrphanList> LookAsync(bool locks, CancellationToken cancellationToken)
    {
        foreach (var (temporary, _) in gone.Values)
        {
            await connection.ExecuteAsync($"DROP TABLE {temporary}", cancellationToken);
        }

        gone.Clear();
        var keys = await LooseKeys.ReadAsync(connection, cancellationToken);
        List<OrphanGroup> groups = [];
        foreach (var key in keys.Where(key => !key.IsValidated))
        {
            await LockAsync(key.Parent, locks, cancellationToken);
            await LockAsync(key.Child, locks, cancellationToken);
            Tell(key, await AddAsync(key.Child, $"FROM {key.Child.ToSql()} c WHERE {key.IsOrphan}", cancellationToken), goesAlong: false);
        }

        for (var hasGrown = true; hasGrown;)
        {
            hasGrown = false;
            foreach (var key in keys.Where(key => gone.TryGetValue(key.Parent, out var rows) && rows.Rows > 0))
            {
                await LockAsync(key.Child, locks, cancellationToken);
                var added = await AddAsync(
                    key.Child,
                    $"FROM {gone[key.Parent].Temporary} g JOIN {key.Parent.ToSql()} p ON p.tableoid = g.t AND p.ctid = g.k JOIN {key.Child.ToSql()} c ON {key.Joined}",
                    cancellationToken);
                Tell(key, added, goesAlong: true);
                hasGrown |= added > 0;
            }
        }

        return new OrphanList(groups, []);

        void Tell(LooseKey key, long rows, bool goesAlong)
        {
            var (child, parent) = (key.Child.ToString(), key.Parent.ToString());
            var known = groups.FindIndex(group => group.GoesAlong == goesAlong && group.Table == child && group.Parent == parent);
            if (known >= 0)
            {
                groups[known] = groups[known] with { Rows = groups[known].Rows + rows };
            }
            else if (rows > 0)
            {
                groups.Add(new OrphanGroup(child, parent, rows, goesAlong));
            }
        }
    }

    /// <summary>Against whoever writes; readers go on.</summary>
    private Task LockAsync(TableName table, bool locks, CancellationToken cancellationToken) =>
        locks ? connection.ExecuteAsync($"LOCK TABLE {table.ToSql()} IN SHARE ROW EXCLUSIVE MODE", cancellationToken) : Task.CompletedTask;

    private async Task<long> AddAsync(TableName table, string from, CancellationToken cancellationToken)
    {
        if (!gone.TryGetValue(table, out var rows))
        {
            rows = ($"pg_temp.gone_{gone.Count}", 0);
            await connection.ExecuteAsync($"CREATE TEMPORARY TABLE gone_{gone.Count} (t oid, k tid, PRIMARY KEY (t, k)) ON COMMIT DROP", cancellationToken);
            gone.Add(table, rows);
        }

        await using var command = connection.Command($"INSERT INTO {rows.Temporary} SELECT c.tableoid, c.ctid {from} ON CONFLICT DO NOTHING");
        var added = await command.ExecuteNonQueryAsync(cancellationToken);
        gone[table] = rows with { Rows = rows.Rows + added };
        return added;
    }

    /// <summary>What the server itself would take along, or refuse, is gone before. Tables that name each other come in any order.</summary>
    private async Task<List<TableName>> ChildrenFirstAsync(CancellationToken cancellationToken)
    {
        var keys = (await LooseKeys.ReadAsync(connection, cancellationToken)).ToLookup(key => key.Parent, key => key.Child);
        List<TableName> order = [];
        HashSet<TableName> seen = [];
        foreach (var table in gone.Keys)
        {
            Visit(table);
        }

        return order;

        void Visit(TableName table)
        {
            if (gone.ContainsKey(table) && seen.Add(table))
            {
                foreach (var child in keys[table])
                {
                    Visit(child);
                }

                order.Add(table);
            }
        }
    }

    private async Task WriteAsync(StreamWriter text, TableName table, string temporary, CancellationToken cancellationToken)
    {
        var columns = await connection.ListAsync(
            "SELECT attname::text FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
            row => TableName.Quote(row.GetString(0)),
            cancellationToken,
            table.ToSql());
        var begin = $"INSERT INTO {table.ToSql()} ({string.Join(", ", columns)}) OVERRIDING SYSTEM VALUE VALUES (";
        await using var command = connection.Command($"SELECT {string.Join(" || ', ' || ", columns.Select(column => $"quote_nullable(c.{column})"))} FROM {temporary} g JOIN {table.ToSql()} c ON c.tableoid = g.t AND c.ctid = g.k");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            await text.WriteAsync(begin);
            await text.WriteAsync(reader.GetString(0));
            await text.WriteLineAsync(");");
        }
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Text;
using Dashboard.Core.Databases;
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
    private readonly Dictionary<TableName, Loss> losses = [];

    /// <summary>Keys under which orphans may be, each by its table and name; of those that count as valid only the ones under which some were seen.</summary>
    private HashSet<(TableName, string)> suspects = [];

    /// <summary>What could not be looked at, a sentence each.</summary>
    private IReadOnlyList<string> unseen = [];

    /// <summary>In a transaction that is taken back, and without any lock: what is found may change the moment after.</summary>
    public async Task<OrphanList> FindAsync(CancellationToken cancellationToken)
    {
        await SuspectAsync(cancellationToken);
        await connection.ExecuteAsync("BEGIN ISOLATION LEVEL REPEATABLE READ", cancellationToken);
        progress.Phase("Searching orphaned rows");
        var found = await LookAsync(locks: false, cancellationToken);
        await connection.ExecuteAsync("ROLLBACK", CancellationToken.None);
        return found;
    }

    public async Task<OrphanList> RunAsync(string keep, OrphanCount most, CancellationToken cancellationToken)
    {
        var partial = keep + DurableFiles.PartialExtension;
        File.Delete(partial);
        try
        {
            await SuspectAsync(cancellationToken);
            await connection.ExecuteAsync("BEGIN", cancellationToken);
            var removed = await RemoveAsync(partial, most, cancellationToken);
            if (removed.Count.IsNothing)
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

    /// <summary>
    /// Which keys are worth a lock on their tables. A person waits for this and can cancel it, so it has no limit of time; it holds no lock either.
    /// </summary>
    private async Task SuspectAsync(CancellationToken cancellationToken)
    {
        progress.Phase("Searching orphaned rows");
        var keys = await LooseKeys.ReadAsync(connection, cancellationToken);
        var seen = await CountOrphans.RunAsync(connection, keys.Where(key => key.IsValidated), budget: null, _ => { }, cancellationToken);
        suspects = [.. keys.Where(key => !key.IsValidated && !key.IsTemporal).Concat(seen.Where(look => look.Rows > 0).Select(look => look.Key)).Select(key => (key.Child, key.Name))];
        unseen = [.. seen.Where(look => look.NotChecked is not null).Select(look => look.ToString())];
    }

    private async Task<OrphanList> RemoveAsync(string partial, OrphanCount most, CancellationToken cancellationToken)
    {
        await using var file = DurableFiles.CreatePrivate(partial);
        await using var text = new StreamWriter(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };
        await text.WriteLineAsync("-- Rows that were removed, and keys that were emptied, because their parents were not there.");
        await text.WriteLineAsync("-- To bring them back, let psql read this file as a superuser: only then the foreign keys do not stop them.");
        await text.WriteLineAsync("BEGIN;");
        await text.WriteLineAsync("SET LOCAL session_replication_role = replica;");
        await text.WriteLineAsync("SET LOCAL datestyle = 'ISO, YMD';");
        await text.WriteLineAsync("SET LOCAL timezone = 'UTC';");
        List<OrphanGroup> groups = [];
        for (var round = 1; ; round++)
        {
            progress.Phase("Searching orphaned rows");
            var found = await LookAsync(locks: true, cancellationToken);
            groups.AddRange(found.Groups);
            var all = new OrphanList(groups, found.Left);
            all.DemandAtMost(most);

            if (found.Count.IsNothing)
            {
                await text.WriteLineAsync("COMMIT;");
                await text.FlushAsync(cancellationToken);
                file.Flush(flushToDisk: true);
                return all;
            }

            OrphanList.DemandAnEnd(round);

            progress.Phase("Keeping a copy");
            foreach (var (table, loss) in losses)
            {
                await WriteAsync(text, table, loss.Gone, cancellationToken);
                await WriteKeysAsync(text, table, loss, cancellationToken);
            }

            progress.Phase("Removing");
            foreach (var table in await ChildrenFirstAsync(cancellationToken))
            {
                // Emptied before the server does it: what it touches is no longer where the list says.
                await EmptyAsync(table, losses[table], cancellationToken);
                await connection.ExecuteAsync($"DELETE FROM {table.ToSql()} c USING {losses[table].Gone} g WHERE c.tableoid = g.t AND c.ctid = g.k", cancellationToken);
            }
        }
    }

    /// <summary>The orphans, and round by round what names a row that goes or a key that is emptied.</summary>
    private async Task<OrphanList> LookAsync(bool locks, CancellationToken cancellationToken)
    {
        foreach (var loss in losses.Values)
        {
            await connection.ExecuteAsync($"DROP TABLE {loss.Gone}, {loss.Emptied}", cancellationToken);
        }

        losses.Clear();
        var keys = await LooseKeys.ReadAsync(connection, cancellationToken);
        List<OrphanGroup> groups = [];
        foreach (var key in keys.Where(key => suspects.Contains((key.Child, key.Name))))
        {
            await LockAsync(key.Parent, locks, cancellationToken);
            await LockAsync(key.Child, locks, cancellationToken);
            await LoseAsync(key, $"FROM {key.Children} WHERE {key.IsOrphan}", goesAlong: false);
        }

        for (var hasGrown = true; hasGrown;)
        {
            hasGrown = false;
            foreach (var key in keys)
            {
                if (!losses.TryGetValue(key.Parent, out var parent))
                {
                    continue;
                }

                if (parent.Rows > 0)
                {
                    hasGrown |= await FollowAsync(key, parent.Gone);
                }

                var named = parent.Keys.Where(own => own.Key.Emptying.Any(column => key.Columns.Any(pair => pair.To == column))).Select(own => own.Number).ToList();
                if (named.Count > 0)
                {
                    hasGrown |= await FollowAsync(key, $"(SELECT t, k FROM {parent.Emptied} WHERE fk IN ({string.Join(", ", named)}))");
                }
            }
        }

        foreach (var (table, loss) in losses.Where(loss => loss.Value.Keys.Count > 0))
        {
            groups.AddRange(await CountEmptiedAsync(table, loss, cancellationToken));
        }

        return new OrphanList(groups, unseen);

        async Task<bool> FollowAsync(LooseKey key, string parents)
        {
            await LockAsync(key.Child, locks, cancellationToken);
            return await LoseAsync(key, $"FROM {parents} g JOIN {key.Parents} ON p.tableoid = g.t AND p.ctid = g.k JOIN {key.Children} ON {key.Joined}", goesAlong: true);
        }

        async Task<bool> LoseAsync(LooseKey key, string from, bool goesAlong)
        {
            var loss = await LossOfAsync(key.Child, cancellationToken);
            if (key.IsEmptied)
            {
                var number = keys.IndexOf(key);
                var isNew = await InsertAsync($"INSERT INTO {loss.Emptied} SELECT c.tableoid, c.ctid, {number}, {(goesAlong ? "true" : "false")} {from} ON CONFLICT DO NOTHING", cancellationToken) > 0;
                if (isNew && !loss.Keys.Contains((number, key)))
                {
                    loss.Keys.Add((number, key));
                }

                return isNew;
            }

            var added = await InsertAsync($"INSERT INTO {loss.Gone} SELECT c.tableoid, c.ctid {from} ON CONFLICT DO NOTHING", cancellationToken);
            loss.Rows += added;
            var (child, parent) = (key.Child.ToString(), key.Parent.ToString());
            var known = groups.FindIndex(group => group.GoesAlong == goesAlong && group.Table == child && group.Parent == parent && group.Although == key.Although);
            if (known >= 0)
            {
                groups[known] = groups[known] with { Rows = groups[known].Rows + added };
            }
            else if (added > 0)
            {
                groups.Add(new OrphanGroup(child, parent, added, goesAlong) { Although = key.Although });
            }

            return added > 0;
        }
    }

    /// <summary>Of the rows that stay; one that loses two keys is counted with the first.</summary>
    private async Task<IEnumerable<OrphanGroup>> CountEmptiedAsync(TableName table, Loss loss, CancellationToken cancellationToken)
    {
        var found = await connection.ListAsync(
            $"""
            SELECT fk, along, count(*)
            FROM (SELECT DISTINCT ON (t, k) fk, along FROM {loss.Emptied} e WHERE {loss.Stays("e")} ORDER BY t, k, fk) f
            GROUP BY fk, along
            ORDER BY fk, along
            """,
            row => (Number: row.GetInt32(0), GoesAlong: row.GetBoolean(1), Rows: row.GetInt64(2)),
            cancellationToken);
        return found.Select(group =>
        {
            var (_, key) = loss.Keys.Find(own => own.Number == group.Number);
            return new OrphanGroup(table.ToString(), key.Parent.ToString(), group.Rows, group.GoesAlong) { Emptied = Words.List(key.Emptying) };
        });
    }

    /// <summary>In one statement, after which the rows lie elsewhere.</summary>
    private async Task EmptyAsync(TableName table, Loss loss, CancellationToken cancellationToken)
    {
        if (loss.Keys.Count == 0)
        {
            return;
        }

        var columns = loss.Keys.SelectMany(own => own.Key.Emptying).Distinct().ToList();
        var sets = columns.Select(column =>
            $"{TableName.Quote(column)} = CASE WHEN f.keys && ARRAY[{string.Join(", ", loss.Keys.Where(own => own.Key.Emptying.Contains(column)).Select(own => own.Number))}] THEN NULL ELSE c.{TableName.Quote(column)} END");
        try
        {
            await connection.ExecuteAsync(
                $"""
                UPDATE {table.ToSql()} c
                SET {string.Join(", ", sets)}
                FROM (SELECT t, k, array_agg(fk) AS keys FROM {loss.Emptied} e WHERE {loss.Stays("e")} GROUP BY t, k) f
                WHERE c.tableoid = f.t AND c.ctid = f.k
                """,
                cancellationToken);
        }
        catch (PostgresException fault) when (fault.SqlState.StartsWith("23", StringComparison.Ordinal))
        {
            // A condition on the column, say.
            throw OrphanList.CannotEmpty(table.ToString(), Words.List(columns), fault.MessageText, fault);
        }
    }

    /// <summary>Against whoever writes; readers go on.</summary>
    private Task LockAsync(TableName table, bool locks, CancellationToken cancellationToken) =>
        locks ? connection.ExecuteAsync($"LOCK TABLE {table.ToSql()} IN SHARE ROW EXCLUSIVE MODE", cancellationToken) : Task.CompletedTask;

    private async Task<Loss> LossOfAsync(TableName table, CancellationToken cancellationToken)
    {
        if (!losses.TryGetValue(table, out var loss))
        {
            loss = new Loss(losses.Count);
            await connection.ExecuteAsync($"CREATE TEMPORARY TABLE {loss.GoneName} (t oid, k tid, PRIMARY KEY (t, k)) ON COMMIT DROP", cancellationToken);
            await connection.ExecuteAsync($"CREATE TEMPORARY TABLE {loss.EmptiedName} (t oid, k tid, fk int, along bool, PRIMARY KEY (t, k, fk)) ON COMMIT DROP", cancellationToken);
            losses.Add(table, loss);
        }

        return loss;
    }

    private async Task<long> InsertAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(sql);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>What the server itself would take along, or refuse, is gone before. Tables that name each other come in any order.</summary>
    private async Task<List<TableName>> ChildrenFirstAsync(CancellationToken cancellationToken)
    {
        var keys = (await LooseKeys.ReadAsync(connection, cancellationToken)).ToLookup(key => key.Parent, key => key.Child);
        List<TableName> order = [];
        HashSet<TableName> seen = [];
        foreach (var table in losses.Keys)
        {
            Visit(table);
        }

        return order;

        void Visit(TableName table)
        {
            if (losses.ContainsKey(table) && seen.Add(table))
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

    /// <summary>A row that stayed gets its key again where nobody has given it another one since.</summary>
    private async Task WriteKeysAsync(StreamWriter text, TableName table, Loss loss, CancellationToken cancellationToken)
    {
        if (loss.Keys.Count == 0)
        {
            return;
        }

        var columns = await connection.ListAsync(
            """
            SELECT a.attname::text, COALESCE(a.attnum = ANY (i.indkey), false)
            FROM pg_attribute a
            LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
            WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY a.attnum
            """,
            row => (Name: row.GetString(0), IsPrimary: row.GetBoolean(1)),
            cancellationToken,
            table.ToSql());
        var emptied = loss.Keys.SelectMany(own => own.Key.Emptying).ToHashSet();
        var hasPrimary = columns.Exists(column => column.IsPrimary);

        // Without a primary key a row is told by all that it holds: of rows that are equal in that it does not matter which one gets the key.
        var known = columns.Where(column => hasPrimary ? column.IsPrimary : !emptied.Contains(column.Name)).Select(column => TableName.Quote(column.Name)).ToList();
        foreach (var (number, key) in loss.Keys)
        {
            var own = key.Emptying.Select(TableName.Quote).ToList();
            var shared = loss.Keys.Where(other => other.Number != number).SelectMany(other => other.Key.Emptying).Select(TableName.Quote).ToHashSet();
            await using var command = connection.Command(
                $"""
                SELECT {string.Join(", ", own.Concat(known).Select(column => $"quote_nullable(c.{column})"))}
                FROM {loss.Emptied} e
                JOIN {table.ToSql()} c ON c.tableoid = e.t AND c.ctid = e.k
                WHERE e.fk = {number} AND {loss.Stays("e")}
                """);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                var isEmpty = own.Select((column, at) => shared.Contains(column) ? $"(s.{column} IS NULL OR s.{column} = {reader.GetString(at)})" : $"s.{column} IS NULL");
                var isIt = string.Join(" AND ", known.Select((column, at) => Is(column, reader.GetString(own.Count + at))).Concat(isEmpty));
                await text.WriteAsync($"UPDATE {table.ToSql()} s SET {string.Join(", ", own.Select((column, at) => $"{column} = {reader.GetString(at)}"))} WHERE ");
                await text.WriteAsync(hasPrimary ? isIt : $"(s.tableoid, s.ctid) = (SELECT s.tableoid, s.ctid FROM {table.ToSql()} s WHERE {isIt} LIMIT 1)");
                await text.WriteLineAsync(";");
            }
        }

        string Is(string column, string value) => hasPrimary ? $"s.{column} = {value}" : $"s.{column}::text IS NOT DISTINCT FROM {value}";
    }

    /// <summary>What one table loses: the places of rows that go, and those of rows that stay with an empty key.</summary>
    private sealed class Loss(int number)
    {
        public string GoneName => $"gone_{number}";

        public string EmptiedName => $"emptied_{number}";

        public string Gone => $"pg_temp.{GoneName}";

        public string Emptied => $"pg_temp.{EmptiedName}";

        public long Rows { get; set; }

        /// <summary>The foreign keys that some rows lose.</summary>
        public List<(int Number, LooseKey Key)> Keys { get; } = [];

        /// <summary>For what is listed as emptied and not as gone.</summary>
        public string Stays(string emptied) => $"NOT EXISTS (SELECT FROM {Gone} gone WHERE gone.t = {emptied}.t AND gone.k = {emptied}.k)";
    }
}

using System.Globalization;
using System.Text;
using Dashboard.Core.Databases;
using Dashboard.Core.Files;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Sqlite.Aliases;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Files;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Maintenance;

/// <summary>Takes orphans out of a live database: their copy first, then all of them in one transaction.</summary>
internal sealed class RemoveOrphans(string location, RunProgress progress, TimeProvider time)
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);

    public OrphanList Find(CancellationToken cancellationToken)
    {
        progress.Phase("Looking for orphans");
        SqliteErrors.DemandThere(location);
        return SqliteConnections.Watch(location, connection =>
        {
            Patience.HoldSnapshot(connection, location, LockPatience, time, cancellationToken);
            using var interruption = Interruption.On(connection, cancellationToken, bytes => progress.Report(bytes));
            return GoneRows.Look(connection).List;
        });
    }

    public OrphanList Run(string keep, OrphanCount most, CancellationToken cancellationToken)
    {
        SqliteErrors.DemandThere(location);
        DemandWhole.ToWrite(location, cancellationToken);
        var partial = NewFile.Partial(keep);
        File.Delete(partial);
        try
        {
            using var connection = SqliteConnections.Open(location, SqliteOpenMode.ReadWrite);

            // Otherwise SQLite itself would take rows along, or refuse, and nobody would have kept a copy of them.
            connection.Execute("PRAGMA foreign_keys = OFF");
            progress.Phase("Waiting for writers");
            Patience.Execute(connection, location, "BEGIN IMMEDIATE", LockPatience, time, cancellationToken);
            var removed = Remove(connection, partial, most, cancellationToken);
            if (removed.Count.IsNothing)
            {
                return removed;
            }

            cancellationToken.ThrowIfCancellationRequested();
            progress.Phase("Committing", canCancel: false);

            // A crash from here on finds the copy whole, whether the rows are gone or not.
            DurableFiles.Publish(partial, keep);
            try
            {
                Patience.Execute(connection, location, "COMMIT", LockPatience, time, CancellationToken.None);
            }
            catch
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

    private OrphanList Remove(SqliteConnection connection, string partial, OrphanCount most, CancellationToken cancellationToken)
    {
        using var interruption = Interruption.On(connection, cancellationToken, bytes => progress.Report(bytes));
        using var copy = new KeptCopy(partial);
        List<OrphanGroup> groups = [];
        for (var round = 1; ; round++)
        {
            progress.Phase("Looking for orphans");
            var (gone, found) = GoneRows.Look(connection);
            groups.AddRange(found.Groups);
            var all = new OrphanList(groups, found.Left);
            all.DemandAtMost(most);

            if (found.Count.IsNothing)
            {
                copy.Finish();
                return all;
            }

            OrphanList.DemandAnEnd(round);

            progress.Phase("Keeping a copy");
            foreach (var table in gone.Tables)
            {
                copy.Write(connection, table);
                copy.WriteKeys(connection, table, gone.EmptiedOf(table));
            }

            progress.Phase("Removing");
            foreach (var table in gone.Tables)
            {
                connection.Execute($"DELETE FROM main.{SqliteStatements.Quoted(table.Name)} WHERE {table.IsGone}");
            }

            foreach (var table in gone.Tables)
            {
                foreach (var (key, columns) in gone.EmptiedOf(table))
                {
                    Empty(connection, table, key, columns);
                }
            }
        }
    }

    private static void Empty(SqliteConnection connection, GoneTable table, long key, IReadOnlyList<string> columns)
    {
        try
        {
            connection.Execute($"UPDATE main.{SqliteStatements.Quoted(table.Name)} SET {string.Join(", ", columns.Select(column => $"{SqliteStatements.Quoted(column)} = NULL"))} WHERE {table.Loses(key)}");
        }
        catch (SqliteException fault) when (fault.SqliteErrorCode == raw.SQLITE_CONSTRAINT)
        {
            // A condition on the column, say, or a trigger.
            throw OrphanList.CannotEmpty(table.Name, Words.List([.. columns]), fault.Message, fault);
        }
    }

    /// <summary>Rows as statements that bring them back: readable by anybody, and run by SQLite's own shell.</summary>
    private sealed class KeptCopy : IDisposable
    {
        private readonly FileStream file;
        private readonly StreamWriter text;

        public KeptCopy(string partial)
        {
            file = DurableFiles.CreatePrivate(partial);
            text = new StreamWriter(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };
            text.WriteLine("-- Rows that were removed, and keys that were emptied, because their parents were not there.");
            text.WriteLine("-- To bring them back, let sqlite3 read this file: sqlite3 the-database < this-file");
            text.WriteLine("PRAGMA foreign_keys = OFF;");
            text.WriteLine("BEGIN;");
        }

        public void Write(SqliteConnection connection, GoneTable table)
        {
            var columns = string.Join(", ", table.Columns.Select(SqliteStatements.Quoted));
            var values = string.Join(" || ', ' || ", table.Columns.Select(Value));
            var row = string.Create(CultureInfo.InvariantCulture, $"INSERT INTO {SqliteStatements.Quoted(table.Name)} ({columns}) VALUES (");
            using var command = connection.CreateCommand();
            command.CommandText = $"SELECT {values} FROM {table.Temporary} AS g JOIN main.{SqliteStatements.Quoted(table.Name)} AS c ON {table.Matches("c", "g")}";
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                text.Write(row);
                text.Write(reader.GetString(0));
                text.WriteLine(");");
            }
        }

        /// <summary>A row that stayed gets its key again where nobody has given it another one since.</summary>
        public void WriteKeys(SqliteConnection connection, GoneTable table, IReadOnlyList<(long Key, IReadOnlyList<string> Columns)> keys)
        {
            var name = SqliteStatements.Quoted(table.Name);
            var emptied = keys.SelectMany(key => key.Columns).ToHashSet(StringComparer.OrdinalIgnoreCase);
            var shared = emptied.Where(column => keys.Count(key => key.Columns.Contains(column, StringComparer.OrdinalIgnoreCase)) > 1).ToHashSet(StringComparer.OrdinalIgnoreCase);
            foreach (var (key, columns) in keys)
            {
                // Without a name that lasts, a row is told by all that it holds: of rows that are equal in that it does not matter which one gets the key.
                IReadOnlyList<string> known = [.. table.Lasting ?? table.Columns.Where(column => !emptied.Contains(column))];
                using var command = connection.CreateCommand();
                command.CommandText =
                    $"""
                    SELECT {string.Join(", ", columns.Concat(known).Select(Value))}{(table.Lasting is null ? $", c.{SqliteStatements.Quoted(table.Rowid)}" : "")}
                    FROM {table.TemporaryEmptied} AS g
                    JOIN main.{name} AS c ON {table.Matches("c", "g")}
                    WHERE g.fk = {key} AND {table.Stays("g")}
                    """;
                using var reader = command.ExecuteReader();
                while (reader.Read())
                {
                    var values = columns.Select((column, number) => $"{SqliteStatements.Quoted(column)} = {reader.GetString(number)}");
                    var isEmpty = columns.Select((column, number) => shared.Contains(column)
                        ? $"({SqliteStatements.Quoted(column)} IS NULL OR {SqliteStatements.Quoted(column)} = {reader.GetString(number)})"
                        : $"{SqliteStatements.Quoted(column)} IS NULL");
                    var isIt = string.Join(" AND ", known.Select((column, number) => $"{SqliteStatements.Quoted(column)} IS {reader.GetString(columns.Count + number)} COLLATE BINARY").Concat(isEmpty));
                    text.Write($"UPDATE {name} SET {string.Join(", ", values)} WHERE ");
                    if (table.Lasting is null)
                    {
                        var rowid = SqliteStatements.Quoted(table.Rowid);
                        var same = $"SELECT {rowid} FROM {name} WHERE {isIt}";
                        isIt = string.Create(CultureInfo.InvariantCulture, $"{rowid} = coalesce(({same} AND {rowid} = {reader.GetInt64(columns.Count + known.Count)}), ({same} LIMIT 1))");
                    }

                    text.Write(isIt);
                    text.WriteLine(";");
                }
            }
        }

        public void Finish()
        {
            text.WriteLine("COMMIT;");
            text.Flush();
            file.Flush(flushToDisk: true);
        }

        public void Dispose()
        {
            text.Dispose();
            file.Dispose();
        }

        /// <summary>quote() ends a text at its first NUL, so such a text is written as its bytes.</summary>
        private static string Value(string column)
        {
            var name = $"c.{SqliteStatements.Quoted(column)}";
            return $"CASE WHEN typeof({name}) = 'text' AND instr(CAST({name} AS BLOB), x'00') > 0 THEN 'CAST(X''' || hex(CAST({name} AS BLOB)) || ''' AS TEXT)' ELSE quote({name}) END";
        }
    }
}

using System.Globalization;
using System.Text;
using Dashboard.Core.Files;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Files;
using Microsoft.Data.Sqlite;

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

    public OrphanList Run(string keep, long most, CancellationToken cancellationToken)
    {
        SqliteErrors.DemandThere(location);
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
            if (removed.Rows == 0)
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

    private OrphanList Remove(SqliteConnection connection, string partial, long most, CancellationToken cancellationToken)
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

            if (found.Rows == 0)
            {
                copy.Finish();
                return all;
            }

            OrphanList.DemandAnEnd(round);

            progress.Phase("Keeping a copy");
            foreach (var table in gone.Tables)
            {
                copy.Write(connection, table);
            }

            progress.Phase("Removing");
            foreach (var table in gone.Tables)
            {
                connection.Execute($"DELETE FROM main.{SqliteStatements.Quoted(table.Name)} WHERE {table.IsGone}");
            }
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
            text.WriteLine("-- Rows that were removed because their parents were not there.");
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

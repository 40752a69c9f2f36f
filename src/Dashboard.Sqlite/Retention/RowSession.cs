using System.Text;
using Dashboard.Core.Databases;
using Dashboard.Core.Retention;
using Dashboard.Sqlite.Aliases;
using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Retention;

/// <summary>Removes rows a few at a time on a connection of its own. What is removed is looked at once more within the transaction that removes it.</summary>
internal sealed class RowSession : IRowSession
{
    /// <summary>Rows of the table that one piece looks at.</summary>
    private const int UsualWindow = 1000;

    private const string ArchivedAt = "archived_at";

    /// <summary>As long as a writer waits at most for a piece, give or take one row.</summary>
    private static readonly TimeSpan LongestLock = TimeSpan.FromMilliseconds(100);

    /// <summary>For another writer to end its transaction.</summary>
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(30);

    private readonly SqliteConnection _connection;
    private readonly RowGuard _guard;
    private readonly RowTarget _target;
    private readonly RowSelection _selection;
    private readonly string _location;
    private readonly TimeProvider _time;
    private readonly bool _ownsConnection;
    private readonly int _window;
    private readonly bool _isUtf8;
    private readonly long _total;
    private readonly SqliteCommand _upper;
    private readonly SqliteCommand _find;
    private readonly SqliteCommand _look;
    private readonly SqliteCommand _delete;
    private readonly SqliteCommand? _copy;
    private readonly SqliteCommand? _uncopy;
    private object[]? _last;
    private long _seen;

    public RowSession(SqliteConnection connection, string location, RowSelection selection, TimeProvider time, bool ownsConnection = true, int window = UsualWindow)
    {
        (_connection, _location, _selection, _time, _ownsConnection, _window) = (connection, location, selection, time, ownsConnection, window);

        // Only so do foreign keys do what they say: without it, rows would be left that point to nothing.
        connection.Execute("PRAGMA foreign_keys = ON");
        _target = RowTarget.Read(connection, selection.Time.Table, location);
        _guard = new RowGuard(connection);
        _guard.Demand(selection);
        if (selection.ArchiveTable is not null)
        {
            MakeArchive(selection.ArchiveTable);
        }

        _isUtf8 = connection.ReadText("PRAGMA encoding") == "UTF-8";
        _total = connection.ReadLong($"SELECT count(*) FROM {RowSql.Table(_target.Table)}");
        _guard.Read();
        var key = string.Join(", ", _target.Key);
        var columns = string.Concat(_target.Columns.Select(column => $", {SqliteStatements.Quoted(column.Name)}"));
        var goes = RowSql.Goes(_target, selection);
        var at = RowSql.At(selection.Time.Table, selection.Time.Column, selection.Time.Kind);
        _upper = Command($"SELECT {key} FROM {RowSql.Table(_target.Table)} WHERE ($isFirst OR ({key}) > ({Names("$last")})) ORDER BY {key} LIMIT 1 OFFSET {_window - 1}", "$last", "$isFirst");
        _find = Command($"SELECT {key}{columns}, {at} FROM {RowSql.Table(_target.Table)} WHERE ($isFirst OR ({key}) > ({Names("$last")})) AND ($isEnd OR ({key}) <= ({Names("$upper")})) AND {goes} ORDER BY {key}", "$last", "$upper", "$isFirst", "$isEnd");
        _look = Command($"SELECT {key}{columns} FROM {RowSql.Table(_target.Table)} WHERE ({key}) = ({Names("$key")}) AND {goes}", "$key");
        _delete = Command($"DELETE FROM main.{SqliteStatements.Quoted(_target.Table)} WHERE ({key}) = ({Names("$key")})", "$key");
        if (selection.ArchiveTable is { } archive)
        {
            var names = string.Join(", ", _target.Columns.Select(column => SqliteStatements.Quoted(column.Name)));
            _copy = Command($"INSERT INTO main.{SqliteStatements.Quoted(archive)} ({names}, {ArchivedAt}) SELECT {names}, $now FROM {RowSql.Table(_target.Table)} WHERE ({key}) = ({Names("$key")}) RETURNING rowid", "$key", "$now");
            _uncopy = Command($"DELETE FROM main.{SqliteStatements.Quoted(archive)} WHERE rowid = $row", "$row");
        }
    }

    public static RowSession Open(string location, RowSelection selection, TimeProvider time)
    {
        SqliteErrors.DemandThere(location);
        DemandWhole.ToWrite(location, CancellationToken.None);

        var connection = SqliteConnections.Open(location, SqliteOpenMode.ReadWrite);
        try
        {
            return new RowSession(connection, location, selection, time);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public Task<RowsWritten> WriteAsync(Stream target, Action<long> told, CancellationToken cancellationToken) => SqliteEngine.AskAsync(_location, () => Write(target, told, cancellationToken), cancellationToken);

    public Task<RowBatch> RemoveNextAsync(CancellationToken cancellationToken) => SqliteEngine.AskAsync(_location, () => RemoveNext(cancellationToken), cancellationToken);

    public Task<RowBatch> RemoveWrittenAsync(IReadOnlyList<string> lines, CancellationToken cancellationToken) => SqliteEngine.AskAsync(_location, () => RemoveWritten(lines, cancellationToken), cancellationToken);

    public RowsWritten Write(Stream target, Action<long> told, CancellationToken cancellationToken)
    {
        // Piece by piece: one long reader would keep the writers of a database in rollback mode out, and its log from being taken in.
        var rows = 0L;
        var (oldest, newest) = ((DateTimeOffset?)null, (DateTimeOffset?)null);
        for (object[]? last = null; ;)
        {
            using var interruption = Interruption.On(_connection, cancellationToken);
            var upper = FindUpper(last);
            foreach (var found in FindLines(last, upper))
            {
                target.Write(Encoding.UTF8.GetBytes(found.Line + "\n"));
                (oldest, newest) = (oldest is { } old && old < found.At ? old : found.At, newest is { } late && late > found.At ? late : found.At);
                rows++;
            }

            told(rows);
            if (upper is null)
            {
                return new RowsWritten(rows, oldest, newest);
            }

            last = upper;
        }
    }

    public RowBatch RemoveNext(CancellationToken cancellationToken)
    {
        using var interruption = Interruption.On(_connection, cancellationToken);
        var upper = FindUpper(_last);
        var found = Find(_last, upper, Key);
        var (removed, held, done) = Remove(found, null, cancellationToken);
        var isWhole = done == found.Count;
        _last = isWhole ? upper : found[done - 1];
        _seen += isWhole ? _window : 0;
        var isLast = isWhole && upper is null;
        return new RowBatch(removed, held, isLast, isLast ? 1 : Math.Min(1, (double)_seen / Math.Max(1, _total)));
    }

    public RowBatch RemoveWritten(IReadOnlyList<string> lines, CancellationToken cancellationToken)
    {
        using var interruption = Interruption.On(_connection, cancellationToken);
        var batch = new RowBatch(0, 0, false, 0);
        for (var rest = lines; rest.Count > 0;)
        {
            var (removed, held, done) = Remove([.. rest.Select(RowLine.ReadKey)], rest, cancellationToken);
            batch = batch with { Removed = batch.Removed + removed, Held = batch.Held + held };
            rest = [.. rest.Skip(done)];
        }

        return batch;
    }

    public ValueTask DisposeAsync()
    {
        foreach (var command in new[] { _upper, _find, _look, _delete, _copy, _uncopy })
        {
            command?.Dispose();
        }

        _guard.Dispose();
        if (_ownsConnection)
        {
            _connection.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Removes the first of these rows, as many as fit in the time of a lock: at least one.</summary>
    /// <param name="lines">What each row was when it was written; one that changed since stays. Null where nothing was written.</param>
    private (long Removed, long Held, int Done) Remove(List<object[]> keys, IReadOnlyList<string>? lines, CancellationToken cancellationToken)
    {
        if (keys.Count == 0)
        {
            return (0, 0, 0);
        }

        try
        {
            return InTransaction(() => RemoveSome(keys, lines), cancellationToken);
        }
        catch (SqliteException fault) when (IsHeld(fault))
        {
            // A key that is only looked at when the transaction ends stopped all of them; one by one it stops one.
            var (removed, held) = (0L, 0L);
            for (var at = 0; at < keys.Count; at++)
            {
                try
                {
                    removed += InTransaction(() => RemoveSome([keys[at]], lines is null ? null : [lines[at]]), cancellationToken).Removed;
                }
                catch (SqliteException one) when (IsHeld(one))
                {
                    held++;
                }
            }

            return (removed, held, keys.Count);
        }
    }

    /// <summary>Looks at some, then removes them: each change between reading and writing has SQLite prepare its statements anew.</summary>
    private (long Removed, long Held, int Done) RemoveSome(List<object[]> keys, IReadOnlyList<string>? lines)
    {
        var began = _time.GetTimestamp();
        var (still, looked) = (new List<int>(), 0);
        for (; looked < keys.Count && (looked == 0 || _time.GetElapsedTime(began) < LongestLock / 2); looked++)
        {
            if (IsStill(keys[looked], lines?[looked]))
            {
                still.Add(looked);
            }
        }

        var (removed, held) = (0L, 0L);
        using var writing = still.Count > 0 ? _guard.Write() : null;
        foreach (var at in still)
        {
            if (removed + held > 0 && _time.GetElapsedTime(began) >= LongestLock)
            {
                return (removed, held, at);
            }

            var isGone = RemoveOne(keys[at]);
            removed += isGone ? 1 : 0;
            held += isGone ? 0 : 1;
        }

        return (removed, held, looked);
    }

    private bool IsStill(object[] key, string? line)
    {
        Bind(_look, "$key", key);
        using var row = _look.ExecuteReader();
        return row.Read() && (line is null || RowLine.Write(row, _target.Key.Count, [.. _target.Columns.Select(column => column.Name)], _isUtf8) == line);
    }

    /// <summary>False when somebody refers to the row, or a trigger keeps it.</summary>
    private bool RemoveOne(object[] key)
    {
        long? copied = null;
        if (_copy is not null)
        {
            Bind(_copy, "$key", key);
            _copy.Parameters["$now"].Value = _time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);
            copied = (long)_copy.ExecuteScalar()!;
        }

        Bind(_delete, "$key", key);
        var isGone = false;
        try
        {
            _delete.ExecuteNonQuery();
            isGone = raw.sqlite3_changes(_connection.Handle!) > 0;
        }
        catch (SqliteException fault) when (IsHeld(fault) && raw.sqlite3_get_autocommit(_connection.Handle!) == 0)
        {
            // The statement was taken back; the transaction goes on.
        }

        if (!isGone && copied is { } row)
        {
            _uncopy!.Parameters["$row"].Value = row;
            _uncopy.ExecuteNonQuery();
        }

        return isGone;
    }

    private static bool IsHeld(SqliteException fault) => fault.SqliteErrorCode == raw.SQLITE_CONSTRAINT;

    private T InTransaction<T>(Func<T> work, CancellationToken cancellationToken)
    {
        Patience.Execute(_connection, _location, "BEGIN IMMEDIATE", LockPatience, _time, cancellationToken);
        try
        {
            var result = work();

            // A full-text table that a trigger has changed writes its index when the transaction ends, by statements of its own.
            using var writing = _guard.Write();
            Patience.Execute(_connection, _location, "COMMIT", LockPatience, _time, cancellationToken);
            return result;
        }
        catch
        {
            if (raw.sqlite3_get_autocommit(_connection.Handle!) == 0)
            {
                raw.sqlite3_exec(_connection.Handle!, "ROLLBACK");
            }

            throw;
        }
    }

    private object[]? FindUpper(object[]? last)
    {
        Bind(_upper, "$last", last);
        _upper.Parameters["$isFirst"].Value = last is null;
        using var row = _upper.ExecuteReader();
        return row.Read() ? Key(row) : null;
    }

    private List<(string Line, DateTimeOffset At)> FindLines(object[]? last, object[]? upper)
    {
        IReadOnlyList<string> names = [.. _target.Columns.Select(column => column.Name)];
        return Find(last, upper, row => (RowLine.Write(row, _target.Key.Count, names, _isUtf8), CountOldRows.Moment(row, _target.Key.Count + names.Count)!.Value));
    }

    private List<T> Find<T>(object[]? last, object[]? upper, Func<SqliteDataReader, T> read)
    {
        Bind(_find, "$last", last);
        Bind(_find, "$upper", upper);
        _find.Parameters["$isFirst"].Value = last is null;
        _find.Parameters["$isEnd"].Value = upper is null;
        using var row = _find.ExecuteReader();
        List<T> found = [];
        while (row.Read())
        {
            found.Add(read(row));
        }

        return found;
    }

    private object[] Key(SqliteDataReader row) => [.. Enumerable.Range(0, _target.Key.Count).Select(row.GetValue)];

    private string Names(string name) => string.Join(", ", Enumerable.Range(0, _target.Key.Count).Select(at => $"{name}{at}"));

    private void Bind(SqliteCommand command, string name, object[]? values)
    {
        for (var at = 0; at < _target.Key.Count; at++)
        {
            command.Parameters[$"{name}{at}"].Value = values is null ? DBNull.Value : values[at];
        }
    }

    /// <param name="names">Of parameters; one of a key stands for one of each of its parts.</param>
    private SqliteCommand Command(string sql, params string[] names)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in names)
        {
            foreach (var part in name is "$last" or "$upper" or "$key" ? Enumerable.Range(0, _target.Key.Count).Select(at => $"{name}{at}") : [name])
            {
                command.Parameters.AddWithValue(part, DBNull.Value);
            }
        }

        foreach (var (name, value) in CountOldRows.Values(_selection).Where(value => sql.Contains(value.Name, StringComparison.Ordinal)))
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }

    /// <summary>A table of the same columns and one more, without keys: it only keeps.</summary>
    private void MakeArchive(string archive)
    {
        if (_target.Columns.Any(column => string.Equals(column.Name, ArchivedAt, StringComparison.OrdinalIgnoreCase)))
        {
            throw new DatabaseException($"{_target.Table} has a column {ArchivedAt}, which its archive table would need.", "Archive into a file instead.");
        }

        IReadOnlyList<string> wanted = [.. _target.Columns.Select(column => column.Name), ArchivedAt];
        var there = _connection.ReadRows("SELECT name FROM pragma_table_xinfo($table, 'main')", row => row.GetString(0), ("$table", archive));
        if (there.Count == 0)
        {
            var columns = _target.Columns.Select(column => column.DeclaredType.Length == 0 ? SqliteStatements.Quoted(column.Name) : $"{SqliteStatements.Quoted(column.Name)} {SqliteStatements.Quoted(column.DeclaredType)}");
            Patience.Execute(_connection, _location, $"CREATE TABLE main.{SqliteStatements.Quoted(archive)} ({string.Join(", ", columns)}, {ArchivedAt} TEXT)", LockPatience, _time, CancellationToken.None);
        }
        else if (!there.ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(wanted))
        {
            throw new DatabaseException($"The table {archive} has not the columns of {_target.Table} and {ArchivedAt}, so it can't take its rows up. Nothing was removed.", $"Rename {archive} and let a new one be made, or add the columns that are missing.");
        }
    }
}

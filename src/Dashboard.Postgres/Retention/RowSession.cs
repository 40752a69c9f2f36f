using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Dashboard.Core.Databases;
using Dashboard.Core.Retention;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.Retention;

/// <summary>Removes rows a few pages at a time. A row that another session has locked is left for the next run: nobody waits for us, and we for nobody.</summary>
internal sealed class RowSession : IRowSession
{
    /// <summary>Pages of the table that one piece looks at, to begin with; it follows how long a piece takes.</summary>
    private const int UsualPages = 32;
    private const int MostPages = 4096;

    /// <summary>Rows of one transaction.</summary>
    private const int MostRows = 2000;

    private const string ArchivedAt = "archived_at";

    private static readonly TimeSpan WantedTime = TimeSpan.FromMilliseconds(100);

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly PostgresLocation _at;
    private readonly NpgsqlConnection _connection;
    private readonly RowTarget _target;
    private readonly RowSelection _selection;
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<Place> _places;
    private int _place;
    private long _page;
    private int _step = UsualPages;

    private RowSession(PostgresLocation at, NpgsqlConnection connection, RowTarget target, RowSelection selection, IReadOnlyList<Place> places, TimeProvider time) =>
        (_at, _connection, _target, _selection, _places, _time) = (at, connection, target, selection, places, time);

    /// <summary>The table, or one of its partitions.</summary>
    /// <param name="Key">Told with where a row is; null of a table that is no partition.</param>
    private sealed record Place(string? Key, string Table, string Goes, long Pages);

    private string Alias => TableName.Quote(_target.Name.Name);

    /// <summary>Without the spaces that a value of the type json may hold, so that each row is one line.</summary>
    private string Json => $"translate(row_to_json({Alias}.*)::text, E'\\n\\r', '  ')";

    public static async Task<RowSession> OpenAsync(PostgresLocation at, NpgsqlConnection connection, RowSelection selection, TimeProvider time, CancellationToken cancellationToken)
    {
        var target = await RowTarget.ReadAsync(connection, at, selection.Time.Table, cancellationToken);

        // A condition is part of what removes: what it calls is looked at again, for a function may be another by now.
        if (selection.Condition is { } condition && await CheckCondition.FindFaultAsync(connection, target, condition, cancellationToken) is { } fault)
        {
            throw new DatabaseException(fault, "Correct the condition of the rule.");
        }

        if (selection.ArchiveTable is { } archive)
        {
            await MakeArchiveAsync(connection, target, ArchiveName(target.Name, archive), cancellationToken);
        }

        // Rows that come later are younger than the cutoff, wherever they lie.
        List<Place> places = [];
        foreach (var place in target.Places)
        {
            var pages = await connection.AskAsync<long>($"SELECT pg_relation_size($1::bigint::oid::regclass) / {Catalogue.PageSize}", cancellationToken, (long)place.Oid);
            places.Add(new Place(place.Partition?.ToString(), RowSql.Table(place), RowSql.Goes(place, selection), pages));
        }

        return new RowSession(at, connection, target, selection, places, time);
    }

    public Task<RowsWritten> WriteAsync(Stream target, Action<long> told, CancellationToken cancellationToken) =>
        PostgresEngine.InWordsAsync(_at, async _ =>
        {
            var rows = 0L;
            var (oldest, newest) = ((DateTimeOffset?)null, (DateTimeOffset?)null);
            foreach (var place in _places)
            {
                await using var command = _connection.Command($"SELECT {Alias}.ctid::text, {Json}, {RowSql.At(_target.Name, _selection.Time.Column, _selection.Time.Kind)} FROM {place.Table} WHERE {place.Goes}", CountOldRows.Values(_selection));
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                {
                    var key = place.Key is null ? reader.GetString(0) : $"{reader.GetString(0)} {place.Key}";
                    await target.WriteAsync(Encoding.UTF8.GetBytes($"{{\"key\":{JsonSerializer.Serialize(key, Plain)},\"row\":{reader.GetString(1)}}}\n"), cancellationToken);
                    var at = CountOldRows.Moment(reader, 2)!.Value;
                    (oldest, newest) = (oldest is { } old && old < at ? old : at, newest is { } late && late > at ? late : at);
                    told(++rows);
                }
            }

            return new RowsWritten(rows, oldest, newest);
        }, cancellationToken);

    public Task<RowBatch> RemoveNextAsync(CancellationToken cancellationToken) => PostgresEngine.InWordsAsync(_at, async _ =>
    {
        if (_place == _places.Count)
        {
            return new RowBatch(0, 0, true, 1);
        }

        var began = _time.GetTimestamp();
        var place = _places[_place];
        var end = _page + _step;
        var find = $"SELECT {Alias}.ctid::text FROM {place.Table} WHERE {Alias}.ctid >= $3::text::tid AND {Alias}.ctid < $4::text::tid AND {place.Goes} LIMIT {MostRows} FOR UPDATE SKIP LOCKED";
        var batch = await RemoveAsync(place, find, [$"({_page},0)", $"({end},0)"], cancellationToken);

        // A piece with more rows than one transaction takes is looked at once more.
        _page = batch.Found < MostRows || batch.Removed == 0 ? end : _page;
        var took = _time.GetElapsedTime(began);
        _step = took > WantedTime ? Math.Max(1, _step / 2) : Math.Min(MostPages, _step * 2);
        if (_page >= place.Pages)
        {
            (_place, _page) = (_place + 1, 0);
        }

        var done = _places.Take(_place).Sum(one => one.Pages) + _page;
        return new RowBatch(batch.Removed, batch.Found - batch.Removed, _place == _places.Count, Math.Min(1, (double)done / Math.Max(1, _places.Sum(one => one.Pages))));
    }, cancellationToken);

    public Task<RowBatch> RemoveWrittenAsync(IReadOnlyList<string> lines, CancellationToken cancellationToken) => PostgresEngine.InWordsAsync(_at, async _ =>
    {
        // A partition that was detached or dropped since has taken its rows along.
        var (removed, left) = (0L, 0L);
        foreach (var written in lines.Select(Read).GroupBy(row => row.Place))
        {
            if (_places.FirstOrDefault(place => place.Key == written.Key) is { } place)
            {
                var batch = await RemoveWrittenAsync(place, [.. written.Select(row => row.Key)], [.. written.Select(row => row.Row)], cancellationToken);
                (removed, left) = (removed + batch.Removed, left + batch.Found - batch.Removed);
            }
        }

        return new RowBatch(removed, left, false, 0);
    }, cancellationToken);

    private Task<(long Found, long Removed)> RemoveWrittenAsync(Place place, string[] keys, string[] rows, CancellationToken cancellationToken)
    {
        // Found and locked as they were written; only then looked at as the rule wants them.
        var asWritten = _target.PrimaryKey.Count == 0
            ? $"SELECT {Alias}.ctid FROM unnest($3::text[], $4::text[]) AS \"dashboard line\" (key, row) JOIN {place.Table} ON {Alias}.ctid = \"dashboard line\".key::tid AND {Json} = \"dashboard line\".row FOR UPDATE OF {Alias} SKIP LOCKED"
            : $"SELECT {Alias}.ctid FROM unnest($4::text[]) AS \"dashboard line\" (row) CROSS JOIN LATERAL json_populate_record(NULL::{_target.Name.ToSql()}, \"dashboard line\".row::json) AS \"dashboard row\" JOIN {place.Table} ON {string.Join(" AND ", _target.PrimaryKey.Select(column => $"{RowSql.Column(_target.Name, column)} = \"dashboard row\".{TableName.Quote(column)}"))} AND {Json} = \"dashboard line\".row WHERE $3::text[] IS NOT NULL FOR UPDATE OF {Alias} SKIP LOCKED";
        var find = $"WITH found AS MATERIALIZED ({asWritten}) SELECT {Alias}.ctid::text FROM {place.Table} WHERE {Alias}.ctid = ANY(ARRAY(SELECT ctid FROM found)) AND {place.Goes}";
        return RemoveAsync(place, find, [keys, rows], cancellationToken);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    /// <param name="find">Gives the places of rows that are locked by it; two further values as $3 and $4.</param>
    private async Task<(long Found, long Removed)> RemoveAsync(Place place, string find, object[] values, CancellationToken cancellationToken)
    {
        List<string> found;
        await using (var transaction = await _connection.BeginTransactionAsync(cancellationToken))
        {
            found = await _connection.ListAsync(find, row => row.GetString(0), cancellationToken, [.. CountOldRows.Values(_selection), .. values]);
            if (found.Count == 0)
            {
                return (0, 0);
            }

            try
            {
                var removed = await DeleteAsync(place, [.. found], cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return (found.Count, removed);
            }
            catch (PostgresException held) when (IsHeld(held))
            {
                // Taken back when the transaction is left; a commit that failed has done so itself.
            }
        }

        return (found.Count, await RemoveSinglyAsync(place, find, values, found, cancellationToken));
    }

    /// <summary>One that the database does not let go stopped all of them; one by one it stops itself.</summary>
    private async Task<long> RemoveSinglyAsync(Place place, string find, object[] values, List<string> found, CancellationToken cancellationToken)
    {
        var removed = 0L;
        foreach (var row in found)
        {
            await using var transaction = await _connection.BeginTransactionAsync(cancellationToken);
            try
            {
                var still = await _connection.ListAsync(find, row => row.GetString(0), cancellationToken, [.. CountOldRows.Values(_selection), .. values]);
                var gone = still.Contains(row) ? await DeleteAsync(place, [row], cancellationToken) : 0;
                await transaction.CommitAsync(cancellationToken);
                removed += gone;
            }
            catch (PostgresException held) when (IsHeld(held))
            {
                // As above.
            }
        }

        return removed;
    }

    private Task<long> DeleteAsync(Place place, string[] rows, CancellationToken cancellationToken)
    {
        var delete = $"DELETE FROM {place.Table} WHERE {Alias}.ctid = ANY($1::text[]::tid[])";
        if (_selection.ArchiveTable is not { } archive)
        {
            return _connection.AskAsync<long>($"WITH gone AS ({delete} RETURNING 1) SELECT count(*) FROM gone", cancellationToken, (object)rows);
        }

        var columns = string.Join(", ", _target.Columns.Select(column => TableName.Quote(column.Name)));
        return _connection.AskAsync<long>(
            $"WITH gone AS ({delete} RETURNING {string.Join(", ", _target.Columns.Select(column => RowSql.Column(_target.Name, column.Name)))}), kept AS (INSERT INTO {ArchiveName(_target.Name, archive).ToSql()} ({columns}, {ArchivedAt}) SELECT {columns}, now() FROM gone RETURNING 1) SELECT count(*) FROM kept",
            cancellationToken,
            (object)rows);
    }

    private static bool IsHeld(PostgresException fault) => fault.SqlState is PostgresErrorCodes.ForeignKeyViolation or PostgresErrorCodes.RestrictViolation;

    /// <summary>"(0,1)" of a table, "(0,1) events_2026" of one of its partitions.</summary>
    private static (string Key, string? Place, string Row) Read(string line)
    {
        using var document = JsonDocument.Parse(line);
        var key = document.RootElement.GetProperty("key").GetString()!;
        var end = key.IndexOf(' ', StringComparison.Ordinal);
        return (end < 0 ? key : key[..end], end < 0 ? null : key[(end + 1)..], document.RootElement.GetProperty("row").GetRawText());
    }

    /// <summary>Beside the table, unless it names a schema of its own.</summary>
    public static TableName ArchiveName(TableName table, string archive) =>
        archive.Contains('.', StringComparison.Ordinal) ? TableName.Parse(archive) : new TableName(table.Schema, archive);

    /// <summary>A table of the same columns and one more, without keys: it only keeps.</summary>
    private static async Task MakeArchiveAsync(NpgsqlConnection connection, RowTarget target, TableName archive, CancellationToken cancellationToken)
    {
        if (target.Columns.Any(column => column.Name == ArchivedAt))
        {
            throw new DatabaseException($"{target.Name} has a column {ArchivedAt}, which its archive table would need.", "Archive into a file instead.");
        }

        var there = await connection.ListAsync(
            "SELECT a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped",
            row => row.GetString(0),
            cancellationToken,
            archive.Schema,
            archive.Name);
        if (there.Count == 0)
        {
            await connection.ExecuteAsync($"CREATE TABLE {archive.ToSql()} ({string.Concat(target.Columns.Select(column => $"{TableName.Quote(column.Name)} {column.DeclaredType}, "))}{ArchivedAt} timestamptz NOT NULL)", cancellationToken);
        }
        else if (!there.ToHashSet().SetEquals([.. target.Columns.Select(column => column.Name), ArchivedAt]))
        {
            throw new DatabaseException($"The table {archive} has not the columns of {target.Name} and {ArchivedAt}, so it can't take its rows up. Nothing was removed.", $"Rename {archive} and let a new one be made, or add the columns that are missing.");
        }
    }
}

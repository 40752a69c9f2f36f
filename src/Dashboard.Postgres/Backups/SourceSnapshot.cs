using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.Backups;

/// <summary>
/// The moment that a dump is of, held open by a session of its own that counts the rows of every table in it. The session bears the name of the dump's: whoever
/// waits behind it waits behind the dump, and it is ended with it.
/// </summary>
internal sealed class SourceSnapshot : IAsyncDisposable
{
    private const int TablesALock = 200;
    private const int MostAttempts = 3;

    /// <summary>What an archive holds rows of: tables that are no extension's, and of an extension's those that it asks to be dumped, as far as it asks.</summary>
    private const string Question =
        $"""
        SELECT n.nspname::text, c.relname::text, coalesce(x.condition, '')
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0 AND d.deptype = 'e'
        LEFT JOIN LATERAL (
            SELECT e.extcondition[i] AS condition FROM pg_extension e, generate_subscripts(e.extconfig, 1) AS i
            WHERE e.oid = d.refobjid AND e.extconfig[i] = c.oid) x ON true
        WHERE c.relkind = 'r' AND {Catalogue.IsOfUsers} AND (d.objid IS NULL OR x.condition IS NOT NULL)
        """;

    private readonly NpgsqlConnection _session;

    private SourceSnapshot(NpgsqlConnection session, string id) => (_session, Id) = (session, id);

    /// <summary>For pg_dump --snapshot.</summary>
    public string Id { get; }

    /// <exception cref="PostgresException">When a table is locked for longer than <paramref name="lockPatience"/>.</exception>
    public static async Task<SourceSnapshot> OpenAsync(PostgresLocation at, string? password, string application, string lockPatience, CancellationToken cancellationToken)
    {
        var session = await PostgresConnections.OpenAsync(at, password, null, cancellationToken, name: application);
        try
        {
            await session.ExecuteAsync($"SET lock_timeout = '{lockPatience}'; SET row_security = off; SET idle_in_transaction_session_timeout = 0", cancellationToken);
            await NoticeOwnEndAsync(session, cancellationToken);
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return new SourceSnapshot(session, await BeginAsync(session, cancellationToken));
                }
                catch (PostgresException fault) when (fault.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName && attempt < MostAttempts)
                {
                    // Dropped between the list and its lock.
                    await session.ExecuteAsync("ROLLBACK", cancellationToken);
                }
            }
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>All rows of every table of the archive, in the order of their names.</summary>
    public async Task<IReadOnlyList<TableRows>> CountAsync(CancellationToken cancellationToken)
    {
        List<TableRows> rows = [];
        foreach (var (table, condition) in await ReadTablesAsync(_session, cancellationToken))
        {
            // What the extension itself says of its rows; pg_dump puts it into its query in the same way.
            rows.Add(new TableRows(table.ToString(), await _session.AskAsync<long>($"SELECT count(*) FROM ONLY {table.ToSql()} {condition}", cancellationToken)));
        }

        return [.. rows.OrderBy(table => table.Table, StringComparer.Ordinal)];
    }

    public ValueTask DisposeAsync() => _session.DisposeAsync();

    /// <summary>Locked before the moment is chosen: TRUNCATE between the two would empty a table for every snapshot, older ones too.</summary>
    private static async Task<string> BeginAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        var tables = await ReadTablesAsync(session, cancellationToken);
        await session.ExecuteAsync("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", cancellationToken);
        foreach (var some in tables.Chunk(TablesALock))
        {
            await session.ExecuteAsync($"LOCK TABLE {string.Join(", ", some.Select(table => "ONLY " + table.Name.ToSql()))} IN ACCESS SHARE MODE", cancellationToken);
        }

        return (await session.AskAsync<string>("SELECT pg_export_snapshot()", cancellationToken))!;
    }

    private static Task<List<(TableName Name, string Condition)>> ReadTablesAsync(NpgsqlConnection session, CancellationToken cancellationToken) =>
        session.ListAsync(Question, reader => (new TableName(reader.GetString(0), reader.GetString(1)), reader.GetString(2)), cancellationToken);

    /// <summary>A count, or a wait for a lock, goes on after its client was killed unless the server looks. Not every server can.</summary>
    private static async Task NoticeOwnEndAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        try
        {
            await session.ExecuteAsync("SET client_connection_check_interval = '1s'", cancellationToken);
        }
        catch (PostgresException fault) when (fault.SqlState is PostgresErrorCodes.UndefinedObject or PostgresErrorCodes.InvalidParameterValue)
        {
        }
    }
}

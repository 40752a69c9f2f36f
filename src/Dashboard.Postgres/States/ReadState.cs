using System.Globalization;
using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;

namespace Dashboard.Postgres.States;

/// <summary>The numbers of the overview, in one question that any database of the server answers.</summary>
internal static class ReadState
{
    /// <summary>Two thousand million transactions after the oldest unfrozen one the server stops writing.</summary>
    private const double LastTransaction = 2_146_483_648;

    private const string Question =
        $"""
        SELECT pg_database_size(d.oid),
               s.numbackends,
               (SELECT count(*) FROM pg_stat_activity a WHERE a.datid = d.oid AND a.state = 'active' AND a.pid <> pg_backend_pid()),
               current_setting('max_connections')::int,
               s.blks_hit, s.blks_read,
               age(d.datfrozenxid),
               s.deadlocks,
               s.temp_bytes,
               (SELECT extract(epoch FROM max(now() - a.xact_start))::float8 FROM pg_stat_activity a WHERE a.datid = d.oid AND a.pid <> pg_backend_pid()),
               pg_is_in_recovery(),
               current_setting('server_version'),
               pg_encoding_to_char(d.encoding) || ' · ' || d.datcollate,
               {Catalogue.PageSize}
        FROM pg_database d JOIN pg_stat_database s ON s.datid = d.oid
        WHERE d.datname = $1
        """;

    /// <exception cref="DatabaseMissingException">When the server has no such database.</exception>
    public static async Task<DatabaseState> RunAsync(PostgresLocation at, Watching watching, KnownSizes sizes, TimeProvider time, CancellationToken cancellationToken)
    {
        var states = await watching.AskServerAsync(at, connection => connection.ListAsync(Question, reader => Describe(
            time.GetUtcNow(),
            Size: Remembered(reader.GetInt64(0), reader.GetInt64(13)),
            Connections: reader.GetInt32(1),
            Active: reader.GetInt64(2),
            Allowed: reader.GetInt32(3),
            Hits: reader.GetInt64(4),
            Reads: reader.GetInt64(5),
            Age: reader.GetInt32(6),
            Deadlocks: reader.GetInt64(7),
            TempBytes: reader.GetInt64(8),
            LongestSeconds: reader.IsDBNull(9) ? null : reader.GetDouble(9),
            IsStandby: reader.GetBoolean(10),
            Version: reader.GetString(11),
            Encoding: reader.GetString(12)), cancellationToken, at.Database), cancellationToken);
        return states is [var state] ? state : throw new DatabaseMissingException($"There is no database {at.Database} on {at.ServerWords}.", "It was dropped or renamed, or its name is mistyped.");

        long Remembered(long bytes, long pageSize)
        {
            sizes.Remember(at, bytes, pageSize);
            return bytes;
        }
    }

    private static DatabaseState Describe(
        DateTimeOffset now, long Size, int Connections, long Active, int Allowed, long Hits, long Reads, int Age, long Deadlocks, long TempBytes, double? LongestSeconds, bool IsStandby, string Version, string Encoding)
    {
        var share = Age / LastTransaction;
        List<StateFact> facts =
        [
            StateFact.Count("connections", "Connections", Connections, $"{Words.Count(Active)} active · the server allows {Words.Count(Allowed)}"),
            StateFact.Words("cache-hit", "Cache hit ratio", HitRatio(Hits, Reads), "Pages found in the server's memory, since its statistics began"),
            StateFact.Count("xid-age", "Transaction-id age", Age, $"{Words.Share(share)} of the way to the limit; VACUUM brings it down"),
            StateFact.Words("longest", "Longest transaction", LongestSeconds is null ? "none is open" : Words.Duration(TimeSpan.FromSeconds(Math.Max(0, LongestSeconds.Value))), "What it has seen can't be cleaned up before it ends"),
            StateFact.Count("deadlocks", "Deadlocks", Deadlocks, "since the statistics began"),
            StateFact.Bytes("temp", "Temporary files", TempBytes, "written since the statistics began, where memory did not suffice"),
            StateFact.Words("role", "Role", IsStandby ? "standby" : "primary", IsStandby ? "It follows another server and can't be written" : "It can be written"),
            StateFact.Words("encoding", "Encoding and collation", Encoding),
        ];
        return new DatabaseState(now, Size, $"PostgreSQL {Version.Split(' ')[0]}", facts);
    }

    private static string HitRatio(long hits, long reads) =>
        hits + reads == 0 ? "nothing read yet" : string.Create(CultureInfo.InvariantCulture, $"{100.0 * hits / (hits + reads):0.##} %");
}

using Dashboard.Core.Databases;
using Npgsql;

namespace Dashboard.Postgres.Connections;

/// <summary>Opens connections as the product wants them: with limits on every statement, no pool behind, and a name that an admin finds in pg_stat_activity.</summary>
internal static class PostgresConnections
{
    public const string ApplicationName = "dashboard";

    /// <summary>Of the connections that count, which are none of the two that watch a server.</summary>
    public const string CountingName = ApplicationName + " counting";

    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(5);

    /// <summary>A session of its own: for what lasts, locks, writes or sets something for itself.</summary>
    /// <param name="patience">For each statement, enforced by the server; null for work that may take as long as it takes.</param>
    /// <param name="database">Another one of the same server.</param>
    /// <exception cref="DatabaseException">When a pooler answers, which has no session for one alone.</exception>
    public static async Task<NpgsqlConnection> OpenAsync(
        PostgresLocation at, string? password, TimeSpan? patience, CancellationToken cancellationToken, string? database = null, string name = ApplicationName)
    {
        var connection = await OpenToLookAsync(at, password, new SessionSettings(patience), cancellationToken, database, name);
        if (!SharedSession.Is(connection))
        {
            return connection;
        }

        await connection.DisposeAsync();
        throw SharedSession.Refuse(at);
    }

    /// <summary>A connection that may be one to a pooler: what is asked over it then goes through <see cref="SharedSession.AskAsync"/>.</summary>
    public static async Task<NpgsqlConnection> OpenToLookAsync(
        PostgresLocation at, string? password, SessionSettings settings, CancellationToken cancellationToken, string? database = null, string name = ApplicationName)
    {
        var connection = new NpgsqlConnection(Describe(at, password, database).ToString());
        try
        {
            await ConnectAsync(connection, at, password, database, cancellationToken);
            await SharedSession.SetUpAsync(connection, settings, name, cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// With "prefer" the driver tries without TLS where the server refused it with TLS. When that is refused too, the first refusal is the reason: the second
    /// says only that the connection was not encrypted.
    /// </summary>
    private static async Task ConnectAsync(NpgsqlConnection connection, PostgresLocation at, string? password, string? database, CancellationToken cancellationToken)
    {
        try
        {
            await connection.OpenAsync(cancellationToken);
        }
        catch (PostgresException refused) when (at.Tls == SslMode.Prefer && refused.SqlState == PostgresErrorCodes.InvalidAuthorizationSpecification)
        {
            throw await FindEncryptedRefusalAsync(at, password, database, cancellationToken) ?? refused;
        }
    }

    /// <summary>Null where the server offers no TLS: then there was one attempt.</summary>
    private static async Task<PostgresException?> FindEncryptedRefusalAsync(PostgresLocation at, string? password, string? database, CancellationToken cancellationToken)
    {
        await using var encrypted = new NpgsqlConnection(Describe(at with { Tls = SslMode.Require }, password, database).ToString());
        try
        {
            await encrypted.OpenAsync(cancellationToken);
            return null;
        }
        catch (PostgresException refused)
        {
            return refused;
        }
        catch (NpgsqlException)
        {
            return null;
        }
    }

    public static async Task ExecuteAsync(this NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static async Task<T?> AskAsync<T>(this NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = connection.Command(sql, values);
        var value = await command.ExecuteScalarAsync(cancellationToken);
        return value is null or DBNull ? default : (T)value;
    }

    /// <summary>All rows, each by <paramref name="read"/>.</summary>
    public static async Task<List<T>> ListAsync<T>(this NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = connection.Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<T> rows = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>Values as $1, $2 and so on.</summary>
    public static NpgsqlCommand Command(this NpgsqlConnection connection, string sql, params object[] values)
    {
        // The server keeps the time; the driver's own limit would break the connection.
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }

    private static NpgsqlConnectionStringBuilder Describe(PostgresLocation at, string? password, string? database) => new()
    {
        Host = at.Host,
        Port = at.Port,
        Database = database ?? at.Database,
        Username = at.User,
        Password = password,
        SslMode = at.Tls,
        RootCertificate = at.RootCertificate,
        Pooling = false,
        Enlist = false,
        Timeout = (int)ConnectPatience.TotalSeconds,
        CommandTimeout = 0,
        KeepAlive = 10,
        TcpKeepAlive = true,
    };
}

using System.Net.Sockets;
using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres;

/// <summary>What a server or the way to it says, in words for a person. A password is in none of them.</summary>
internal static class PostgresErrors
{
    /// <summary>A missing file of a database reads so; the driver has no name for it.</summary>
    private const string UndefinedFile = "58P01";

    public static bool IsOfDatabase(Exception fault) => fault is NpgsqlException or SocketException or TimeoutException or IOException or NotSupportedException or System.Security.Authentication.AuthenticationException;

    /// <summary>The server can't be asked now, and perhaps in a moment; not an answer to what it was asked.</summary>
    public static bool IsOfReach(Exception fault) => fault is PostgresException answer
        ? answer.SqlState is PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.TooManyConnections
        : IsOfDatabase(fault);

    public static DatabaseException Explain(Exception fault, PostgresLocation at) => fault switch
    {
        PostgresException answer => Explain(answer, at),
        _ when LostConnection.Find<SocketException>(fault) is { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => new DatabaseException($"There is no machine called {at.Host}.", "Correct the host, or look whether its name can be resolved from here.", fault),
        _ when LostConnection.Find<SocketException>(fault) is { SocketErrorCode: SocketError.ConnectionRefused } => new DatabaseException($"Nothing listens on {at.Server}.", "Start PostgreSQL there, or correct host and port. It must listen on that address (listen_addresses).", fault),
        _ when LostConnection.Find<System.Security.Authentication.AuthenticationException>(fault) is { } tls => new DatabaseException(
            $"No encrypted connection to {at.ServerWords}: {LostConnection.Reason(tls)}",
            "Give the certificate of its authority (sslrootcert), connect by the name that is in the certificate, or choose the TLS mode “require”, which does not check who answers.",
            fault),
        NpgsqlException npgsql when npgsql.Message.Contains("SSL", StringComparison.OrdinalIgnoreCase) => new DatabaseException($"{at.ServerWords} does not offer TLS.", "Turn it on at the server, or choose the TLS mode “prefer” or “disable” where the network can be trusted.", fault),
        NotSupportedException => new DatabaseException($"{at.ServerWords} asks for a way to sign in that is not known here.", "Let this login in by scram-sha-256 in pg_hba.conf of the server.", fault),
        NpgsqlException npgsql when npgsql.Message.Contains("No password", StringComparison.OrdinalIgnoreCase) => new DatabaseException($"{at.ServerWords} asks for a password of {at.User}.", "Give the password.", fault),
        _ when fault is TimeoutException || LostConnection.Find<TimeoutException>(fault) is not null || LostConnection.Find<OperationCanceledException>(fault) is not null => new DatabaseBusyException($"{at.ServerWords} did not answer in time.", "It may be overloaded, or a firewall swallows what is sent to it.", fault),
        _ => new DatabaseException($"The connection to {at.ServerWords} was lost: {LostConnection.Reason(fault)}", "Look whether the server is running, then try again.", fault),
    };

    private static DatabaseException Explain(PostgresException answer, PostgresLocation at) => answer.SqlState switch
    {
        PostgresErrorCodes.InvalidCatalogName => new DatabaseMissingException($"There is no database {at.Database} on {at.ServerWords}.", "It was dropped or renamed, or its name is mistyped.", answer),
        PostgresErrorCodes.InvalidPassword => new LoginRefusedException($"{at.ServerWords} refused the password of {at.User}.", "Correct user and password.", answer),
        PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.InvalidAuthorizationSpecification when ConnectionRefusals.Find(answer.MessageText, at, answer) is { } refusal => refusal,
        PostgresErrorCodes.InvalidAuthorizationSpecification => new LoginRefusedException($"{at.ServerWords} does not let {at.User} in: {Sentence(answer)}", "Allow this login from this machine in pg_hba.conf, or correct the user.", answer),
        PostgresErrorCodes.TooManyConnections => new DatabaseBusyException($"{at.ServerWords} has no connection left: {Sentence(answer)}", "Close some, or raise max_connections.", answer),
        PostgresErrorCodes.CannotConnectNow => new DatabaseBusyException($"{at.ServerWords} is starting or stopping: {Sentence(answer)}", "Wait a moment.", answer),
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown => new DatabaseBusyException($"{at.ServerWords} ended the connection: {Sentence(answer)}", "The server was stopped, or somebody ended this session. Try again.", answer),
        PostgresErrorCodes.QueryCanceled => new DatabaseBusyException($"{at.Database} did not answer in time.", "Somebody may hold a lock, or the server is overloaded.", answer),
        PostgresErrorCodes.LockNotAvailable => new DatabaseBusyException($"Something in {at.Database} is locked by another session.", "Wait until it is done, or look who holds the lock.", answer),
        PostgresErrorCodes.InsufficientPrivilege => new LoginRefusedException($"{at.User} may not do this in {at.Database}: {Sentence(answer)}", "Grant what is missing to this login; the settings of the database say what each feature needs.", answer),
        PostgresErrorCodes.ReadOnlySqlTransaction => new DatabaseException($"{at.ServerWords} is a standby or read-only and can't be written.", "Run this on its primary.", answer),
        PostgresErrorCodes.DiskFull => new DatabaseException($"The disk of {at.ServerWords} is full: {Sentence(answer)}", "Free some space there.", answer),
        _ when answer.MessageText.Contains("statement pooling mode", StringComparison.Ordinal) => new DatabaseException(
            $"{at.ServerWords} is PgBouncer in statement mode, which allows no transaction: nothing can be read through it safely.", "Use the server's direct address, usually with port 5432.", answer),
        UndefinedFile or PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => Damaged(answer, at),
        _ when answer.MessageText.Contains("is not a valid data directory", StringComparison.Ordinal) => Damaged(answer, at),
        PostgresErrorCodes.ObjectNotInPrerequisiteState when answer.MessageText.Contains("not currently accepting connections", StringComparison.Ordinal) => new DatabaseException($"{at.Database} accepts no connections.", "An admin has turned them off: ALTER DATABASE … ALLOW_CONNECTIONS true.", answer),
        _ => new DatabaseException($"{at.ServerWords} says: {Sentence(answer)}", null, answer),
    };

    private static DatabaseDamagedException Damaged(PostgresException answer, PostgresLocation at) =>
        new($"{at.Database} can't be read: {Sentence(answer)}", "Restore a backup. Keep the server's data directory as it is until you know what happened.", answer);

    /// <summary>One sentence with its full stop.</summary>
    private static string Sentence(PostgresException answer)
    {
        var text = answer.MessageText + (answer.Detail is { Length: > 0 } detail && !detail.StartsWith("Detail redacted", StringComparison.Ordinal) ? $" ({detail.TrimEnd('.')})" : "");
        return text.TrimEnd('.') + ".";
    }
}

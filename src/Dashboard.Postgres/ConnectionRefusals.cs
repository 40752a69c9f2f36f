using System.Text.RegularExpressions;
using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;

namespace Dashboard.Postgres;

/// <summary>
/// Why a server lets nobody in: no connection is free, or a line of pg_hba.conf says no. The same words reach us from the server itself and through pg_dump, which has only them;
/// a server that speaks another language than English is told by its own sentence.
/// </summary>
internal static partial class ConnectionRefusals
{
    /// <summary>Null where the words tell of neither.</summary>
    /// <param name="words">As the server says them.</param>
    public static DatabaseException? Find(string words, PostgresLocation at, Exception? fault = null) =>
        OfRole().Match(words) is { Success: true } role ? new DatabaseBusyException($"All connections that the role {role.Groups[1].Value} may have on {at.ServerWords} are in use.", $"Close sessions of this role, or raise its limit: ALTER ROLE {role.Groups[1].Value} CONNECTION LIMIT ….", fault)
        : OfDatabase().Match(words) is { Success: true } database ? new DatabaseBusyException($"All connections that the database {database.Groups[1].Value} may have on {at.ServerWords} are in use.", $"Close sessions of this database, or raise its limit: ALTER DATABASE {database.Groups[1].Value} CONNECTION LIMIT ….", fault)
        : OfServer().IsMatch(words) ? new DatabaseBusyException($"All connections of {at.ServerWords} are in use (max_connections).", "Close sessions that nobody needs, or raise max_connections and restart the server.", fault)
        : Rejects().IsMatch(words) ? new LoginRefusedException($"A line of pg_hba.conf on {at.ServerWords} rejects {at.User} in {at.Database} from {Host(words)}{Encryption(words)}.", $"Ask a server admin to allow it in pg_hba.conf above the line that says reject, then reload the server.{TryTls(words)}", fault)
        : HasNoEntry().IsMatch(words) ? new LoginRefusedException($"pg_hba.conf on {at.ServerWords} has no line for {at.User} in {at.Database} from {Host(words)}{Encryption(words)}.", $"Ask a server admin to add one (hostssl {at.Database} {at.User} {Host(words)}/32 scram-sha-256), then reload the server.{TryTls(words)}", fault)
        : null;

    private static string Host(string words) => OfHost().Match(words) is { Success: true } host ? host.Groups[1].Value : "this machine";

    private static string Encryption(string words) =>
        words.Contains("no encryption", StringComparison.Ordinal) ? ", not encrypted" : words.Contains("SSL encryption", StringComparison.Ordinal) ? ", encrypted" : "";

    private static string TryTls(string words) =>
        words.Contains("no encryption", StringComparison.Ordinal) ? " Or choose the TLS mode “require”, where only encrypted connections are allowed." : "";

    [GeneratedRegex("too many connections for role \"([^\"]+)\"")]
    private static partial Regex OfRole();

    [GeneratedRegex("too many connections for database \"([^\"]+)\"")]
    private static partial Regex OfDatabase();

    [GeneratedRegex("too many clients already|remaining connection slots are reserved|number of requested standby connections exceeds")]
    private static partial Regex OfServer();

    [GeneratedRegex("pg_hba\\.conf rejects")]
    private static partial Regex Rejects();

    [GeneratedRegex("no pg_hba\\.conf entry")]
    private static partial Regex HasNoEntry();

    [GeneratedRegex("for (?:replication connection from )?host \"([^\"]+)\"")]
    private static partial Regex OfHost();
}

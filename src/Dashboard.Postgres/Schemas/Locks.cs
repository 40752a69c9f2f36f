using Dashboard.Core.Databases;
using Npgsql;

namespace Dashboard.Postgres.Schemas;

/// <summary>
/// Sizes, expressions and definitions are told by functions that open the table: they wait for whoever has it for himself (ALTER, VACUUM FULL, or one who
/// waits for that), and fail when it is dropped at that moment.
/// </summary>
internal static class Locks
{
    /// <summary>The tables and indexes of this database that another session has for himself; first in a question, after WITH.</summary>
    public const string Locked =
        """
        locked AS MATERIALIZED (
            SELECT relation
            FROM pg_locks
            WHERE locktype = 'relation'
                AND mode = 'AccessExclusiveLock'
                AND pid <> pg_backend_pid()
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
        """;

    private const int MostTries = 10;

    /// <summary>Asked again, what was dropped is not in the catalogue any more. On another connection: the driver gives up one with such an error.</summary>
    public static async Task<T> AskAgainAsync<T>(Func<Task<T>> ask)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ask();
            }
            catch (PostgresException gone) when (gone.SqlState == PostgresErrorCodes.InternalError && attempt < MostTries)
            {
                // "could not open relation with OID …", "cache lookup failed …": the server has no code for it, and says it in its language.
            }
        }
    }

    public static DatabaseBusyException Busy(string table, PostgresException locked) =>
        new($"{table} is locked by another session.", "Wait until it is done, or look who holds the lock.", locked);
}

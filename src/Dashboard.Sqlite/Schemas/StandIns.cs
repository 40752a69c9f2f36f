using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Schemas;

/// <summary>
/// Takes the place of collations and functions that only the application has: collations that compare code by code, functions that answer NULL. Enough to count rows
/// and to read structure, where neither an order nor a value matters; a statement whose outcome depends on them must not be run with them.
/// </summary>
internal static class StandIns
{
    private const int AnyArguments = -1;

    /// <summary>Reads; where a part is missing, again with a stand-in. From then on the connection can't write: an index would get a wrong order.</summary>
    public static T Run<T>(SqliteConnection connection, Func<T> read)
    {
        HashSet<MissingPart> registered = [];
        while (true)
        {
            try
            {
                return read();
            }
            catch (SqliteException error)
            {
                if (MissingPart.Of(error) is not { CanStandIn: true } part || !registered.Add(part))
                {
                    throw;
                }

                connection.Execute("PRAGMA query_only = ON");
                Register(connection, part);
            }
        }
    }

    /// <summary>For a database that is thrown away, which may be written with it.</summary>
    public static void Register(SqliteConnection connection, MissingPart part)
    {
        if (part.Kind == MissingPart.Collation)
        {
            raw.sqlite3_create_collation(connection.Handle!, part.Name, null!, (strdelegate_collation)((_, left, right) => string.CompareOrdinal(left, right)));
        }
        else
        {
            raw.sqlite3_create_function(connection.Handle!, part.Name, AnyArguments, raw.SQLITE_UTF8 | raw.SQLITE_DETERMINISTIC, null!, (delegate_function_scalar)((context, _, _) => raw.sqlite3_result_null(context)));
        }
    }

    public static void Remove(SqliteConnection connection, MissingPart part)
    {
        if (part.Kind == MissingPart.Collation)
        {
            raw.sqlite3_create_collation(connection.Handle!, part.Name, null!, (strdelegate_collation)null!);
        }
        else
        {
            raw.sqlite3_create_function(connection.Handle!, part.Name, AnyArguments, raw.SQLITE_UTF8 | raw.SQLITE_DETERMINISTIC, null!, (delegate_function_scalar)null!);
        }
    }
}

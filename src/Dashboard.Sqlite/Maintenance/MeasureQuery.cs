using System.Diagnostics;
using Dashboard.Core.Databases;
using Dashboard.Core.Maintenance;
using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Maintenance;

/// <summary>
/// A query that somebody has pasted: judged by SQLite itself, which asks for every step of a statement whether it is allowed
/// (https://www.sqlite.org/c3ref/set_authorizer.html), on a connection that can't write.
/// </summary>
internal sealed class MeasureQuery(string location, string query, TimeProvider time)
{
    /// <summary>What SQLite calls such a statement (https://www.sqlite.org/c3ref/stmt_isexplain.html).</summary>
    private const int ExplainsThePlan = 2;

    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);

    public bool Check(CancellationToken cancellationToken)
    {
        _ = Ground.Read(location, time, cancellationToken);
        return SqliteConnections.Watch(location, connection =>
        {
            Allow(connection);
            Prepare(connection, query).Dispose();
            return true;
        });
    }

    public QueryMeasure Run(CancellationToken cancellationToken)
    {
        _ = Ground.Read(location, time, cancellationToken);
        return SqliteConnections.Watch(location, connection =>
        {
            Patience.HoldSnapshot(connection, location, LockPatience, time, cancellationToken);
            Allow(connection);
            var plan = ReadPlan(connection);
            var (median, runs) = QueryMeasure.TimeAsync(() => Task.FromResult(Time(connection, cancellationToken))).GetAwaiter().GetResult();
            return new QueryMeasure(median, runs, [.. plan.Select(step => step.Text)], [.. plan.Select(step => step.Index).OfType<string>().Distinct()]);
        });
    }

    /// <summary>Whether a text holds no statement: spaces, a semicolon, a comment.</summary>
    public static bool IsNothing(SqliteConnection connection, string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return true;
        }

        var code = raw.sqlite3_prepare_v2(connection.Handle!, text, out var statement, out var rest);
        using (statement)
        {
            return code == raw.SQLITE_OK && statement.IsInvalid && (rest.Length == 0 || (rest.Length < text.Length && IsNothing(connection, rest)));
        }
    }

    private static void Allow(SqliteConnection connection) => _ = raw.sqlite3_set_authorizer(
        connection.Handle!,
        new delegate_authorizer((_, action, _, _, _, _) => action is raw.SQLITE_SELECT or raw.SQLITE_READ or raw.SQLITE_FUNCTION or raw.SQLITE_RECURSIVE ? raw.SQLITE_OK : raw.SQLITE_DENY),
        null);

    private static sqlite3_stmt Prepare(SqliteConnection connection, string sql, bool isPlan = false)
    {
        var code = raw.sqlite3_prepare_v2(connection.Handle!, sql, out var statement, out var rest);
        try
        {
            if ((code & 0xFF) == raw.SQLITE_AUTH)
            {
                throw Refused();
            }

            if (code != raw.SQLITE_OK)
            {
                throw new DatabaseException($"SQLite can't read the query: {raw.sqlite3_errmsg(connection.Handle!).utf8_to_string()}.", "Correct it, and try again.");
            }

            if (statement.IsInvalid || raw.sqlite3_stmt_readonly(statement) == 0 || raw.sqlite3_stmt_isexplain(statement) != (isPlan ? ExplainsThePlan : 0) || raw.sqlite3_column_count(statement) == 0 || !IsNothing(connection, rest))
            {
                throw Refused();
            }

            return raw.sqlite3_bind_parameter_count(statement) == 0
                ? statement
                : throw new DatabaseException("The query has a place for a value that is not given.", "Write a value for each ? and each name with a colon, an @ or a $.");
        }
        catch
        {
            statement?.Dispose();
            throw;
        }
    }

    private static DatabaseException Refused() => new("This is not one SELECT that only reads.", "Paste a single SELECT. Nothing else is run here.");

    private List<(string Text, string? Index)> ReadPlan(SqliteConnection connection)
    {
        Prepare(connection, query).Dispose();
        using var statement = Prepare(connection, $"EXPLAIN QUERY PLAN {query}", isPlan: true);
        Dictionary<int, int> depths = [];
        List<(string, string?)> plan = [];
        while (raw.sqlite3_step(statement) == raw.SQLITE_ROW)
        {
            var depth = depths.GetValueOrDefault(raw.sqlite3_column_int(statement, 1), -1) + 1;
            depths[raw.sqlite3_column_int(statement, 0)] = depth;
            var text = raw.sqlite3_column_text(statement, 3).utf8_to_string();
            plan.Add((new string('·', depth) + (depth > 0 ? " " : "") + text, IndexOf(text)));
        }

        return plan;
    }

    /// <summary>"SEARCH orders USING COVERING INDEX by_customer (customer=?)": the name ends where the columns begin, or at the end.</summary>
    private static string? IndexOf(string step)
    {
        const string Word = " INDEX ";
        var at = step.IndexOf(Word, StringComparison.Ordinal);
        if (at < 0 || step.Contains("AUTOMATIC", StringComparison.Ordinal))
        {
            return null;
        }

        var name = step[(at + Word.Length)..];
        return name.LastIndexOf(" (", StringComparison.Ordinal) is > 0 and var end ? name[..end] : name;
    }

    /// <summary>Null when it had to be stopped.</summary>
    private TimeSpan? Time(SqliteConnection connection, CancellationToken cancellationToken)
    {
        using var statement = Prepare(connection, query);
        using var interruption = Interruption.After(QueryMeasure.MostOfARun, connection, time, cancellationToken);
        var began = Stopwatch.GetTimestamp();
        int code;
        do
        {
            code = raw.sqlite3_step(statement);
        }
        while (code == raw.SQLITE_ROW);

        if (code == raw.SQLITE_DONE)
        {
            return Stopwatch.GetElapsedTime(began);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return (code & 0xFF) == raw.SQLITE_INTERRUPT && interruption.IsOver
            ? null
            : throw new DatabaseException($"The query fails: {raw.sqlite3_errmsg(connection.Handle!).utf8_to_string()}.", "Correct it, and try again.");
    }
}

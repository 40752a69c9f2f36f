using System.Diagnostics;
using Dashboard.Core.Databases;
using Dashboard.Core.Maintenance;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Statements;
using SQLitePCL;

namespace Dashboard.Sqlite.Maintenance;

/// <summary>
/// A query that somebody has pasted, on a connection that can't write: SQLite itself is asked what it would do (<see cref="StatementAuthorizer"/>).
/// </summary>
internal sealed class MeasureQuery(string location, string query, TimeProvider time)
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);

    public bool Check(CancellationToken cancellationToken) => Select(
        select =>
        {
            select.Prepare().Dispose();
            return true;
        },
        cancellationToken);

    public QueryMeasure Run(CancellationToken cancellationToken) => Select(
        select =>
        {
            var plan = ReadPlan(select);
            var (median, runs) = QueryMeasure.TimeAsync(() => Task.FromResult(Time(select, cancellationToken))).GetAwaiter().GetResult();
            return new QueryMeasure(median, runs, [.. plan.Select(step => step.Text)], [.. plan.Select(step => step.Index).OfType<string>().Distinct()]);
        },
        cancellationToken);

    private T Select<T>(Func<TypedSelect, T> use, CancellationToken cancellationToken)
    {
        _ = Ground.Read(location, time, cancellationToken);
        return SqliteConnections.Watch(location, connection =>
        {
            Patience.HoldSnapshot(connection, location, LockPatience, time, cancellationToken);
            using var select = new TypedSelect(connection, query, StatementPolicy.MeasuredQuery);
            try
            {
                return use(select);
            }
            catch (StatementRefusedException refused)
            {
                throw new DatabaseException($"The query is not run. {refused.Message}", "Paste a single SELECT that only reads, with its values.", refused);
            }
        });
    }

    private static List<(string Text, string? Index)> ReadPlan(TypedSelect select)
    {
        select.Prepare().Dispose();
        using var statement = select.Prepare(isPlan: true);
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
    private TimeSpan? Time(TypedSelect select, CancellationToken cancellationToken)
    {
        using var statement = select.Prepare();
        using var interruption = select.Watch(QueryMeasure.MostOfARun, time, cancellationToken);
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
        return (code & 0xFF) == raw.SQLITE_INTERRUPT && interruption.IsLate ? null : throw select.Failed(code, interruption, QueryMeasure.MostOfARun);
    }
}

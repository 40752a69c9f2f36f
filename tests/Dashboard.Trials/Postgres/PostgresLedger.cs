using System.Globalization;
using Npgsql;

namespace Dashboard.Trials.Postgres;

/// <summary>
/// A database that shows by itself whether it is whole: every row of its filler belongs to the same state, accounts add up to nothing, and each
/// account is the sum of its transactions.
/// </summary>
internal static class PostgresLedger
{
    private const int RowBytes = 1024;
    private const int Accounts = 100;

    public static async Task CreateAsync(PostgresServer server, string database, int megabytes)
    {
        await server.ExecuteAsync("postgres", $"CREATE DATABASE {PostgresServer.Quoted(database)} TEMPLATE template0");
        await server.ExecuteAsync(
            database,
            $"""
            CREATE TABLE marker (state text NOT NULL, rows bigint NOT NULL);
            CREATE TABLE accounts (id int PRIMARY KEY, balance bigint NOT NULL DEFAULT 0);
            CREATE TABLE ledger (number bigint PRIMARY KEY, debit int NOT NULL REFERENCES accounts, credit int NOT NULL REFERENCES accounts, amount bigint NOT NULL);
            CREATE TABLE filler (id int PRIMARY KEY, state text NOT NULL, content bytea NOT NULL);
            CREATE INDEX filler_by_state ON filler (state, id);
            INSERT INTO accounts SELECT i FROM generate_series(1, {Accounts}) i;
            INSERT INTO marker VALUES ('A', {megabytes * 1024 * 1024 / RowBytes});
            INSERT INTO filler SELECT i, 'A', {Content("i", "'A'")} FROM marker, generate_series(1, rows) i;
            ANALYZE;
            """);
    }

    /// <summary>Makes content B of content A, or the other way, as an application would: in one transaction.</summary>
    public static async Task BecomeAsync(PostgresServer server, string database, string state)
    {
        await server.ExecuteAsync(database, $"BEGIN; UPDATE filler SET state = '{state}', content = {Content("id", $"'{state}'")}; UPDATE marker SET state = '{state}'; COMMIT");
        await server.ExecuteAsync(database, "VACUUM FULL filler");
    }

    /// <summary>One transaction of an application.</summary>
    public static async Task TransferAsync(NpgsqlConnection connection, long number)
    {
        var (debit, credit) = (number % Accounts + 1, number * 7 % Accounts + 1);
        await connection.ExecuteAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"BEGIN; INSERT INTO ledger VALUES ({number}, {debit}, {credit}, {number}); UPDATE accounts SET balance = balance - {number} WHERE id = {debit}; UPDATE accounts SET balance = balance + {number} WHERE id = {credit}; COMMIT;"));
    }

    /// <param name="from">The lowest transaction number that is of interest.</param>
    /// <exception cref="TrialException">When it can't be read, or contents are mixed in it.</exception>
    public static async Task<LedgerContent> ReadAsync(PostgresServer server, string database, long from)
    {
        try
        {
            await using var connection = await server.OpenAsync(database);
            await connection.ExecuteAsync("BEGIN ISOLATION LEVEL REPEATABLE READ");
            var broken = await connection.ListAsync(
                """
                SELECT 'filler does not fit its marker' FROM marker WHERE (SELECT count(*) FROM filler f WHERE f.state = marker.state) <> rows OR (SELECT count(*) FROM filler) <> rows
                UNION ALL SELECT 'there are ' || count(*) || ' markers' FROM marker HAVING count(*) <> 1
                UNION ALL SELECT 'accounts add up to ' || sum(balance) FROM accounts HAVING sum(balance) <> 0
                UNION ALL SELECT 'account ' || id || ' is not the sum of its transactions' FROM accounts
                    WHERE balance <> (SELECT coalesce(sum(amount), 0) FROM ledger WHERE credit = id) - (SELECT coalesce(sum(amount), 0) FROM ledger WHERE debit = id)
                UNION ALL SELECT 'an index or key is missing' WHERE (SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = indrelid WHERE indisvalid AND relnamespace = 'public'::regnamespace AND relname IN ('accounts', 'ledger', 'filler')) <> 4
                    OR (SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated) <> 2
                """);
            if (broken.Count > 0)
            {
                throw new TrialException($"{database} is torn or mixed: {string.Join(", ", broken.Take(3))}");
            }

            var state = (await connection.ListAsync("SELECT state FROM marker"))[0];
            var numbers = await connection.ListAsync("SELECT number FROM ledger WHERE number >= $1", from);
            return new LedgerContent(state, "", numbers.Select(number => long.Parse(number, CultureInfo.InvariantCulture)).ToHashSet());
        }
        catch (NpgsqlException fault)
        {
            throw new TrialException($"{database} can't be read: {fault.Message}", fault);
        }
    }

    /// <summary>Nothing that could be compressed.</summary>
    private static string Content(string number, string state) =>
        string.Join(" || ", Enumerable.Range(0, RowBytes / 64).Select(part => $"sha512(({number}::text || 'of' || {part} || {state})::bytea)"));
}

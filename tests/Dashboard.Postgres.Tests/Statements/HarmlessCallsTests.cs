using Dashboard.Core.Health;
using Dashboard.Core.Maintenance;
using Dashboard.Core.Retention;
using Xunit;

namespace Dashboard.Postgres.Tests.Statements;

/// <summary>What people ask of their databases is let through, also in one that is full of traps; and as a login that may make nothing, not even a temporary view.</summary>
public sealed class HarmlessCallsTests(Traps traps) : IClassFixture<Traps>, IAsyncLifetime
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public static TheoryData<string> Statements { get; } = new(
        """
        SELECT 1, 1, 'a', NULL;  -- two of a name ; and a semicolon
        /* ; */ SELECT count(*) FROM customers /* /* nested */ */
        VALUES (1), (2)
        TABLE customers
        SELECT lower(name), length(name), name || 'x', left(name, 2), md5(name), name LIKE 'c%', name ~* '^C' FROM customers
        SELECT sum(id), avg(id), min(name), max(name), string_agg(name, ',' ORDER BY id), array_agg(id), percentile_cont(0.5) WITHIN GROUP (ORDER BY id) FROM customers
        SELECT id, rank() OVER w, lag(name) OVER w, sum(id) OVER (ORDER BY id RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM customers WINDOW w AS (PARTITION BY id % 2 ORDER BY id)
        SELECT c.name, count(o.id) FROM customers c LEFT JOIN orders o ON o.customer = c.id GROUP BY c.name HAVING count(o.id) > 1 ORDER BY 2 DESC LIMIT 3 OFFSET 1
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT * FROM n
        SELECT now(), current_date, age(now() - interval '1 day'), extract(epoch FROM clock_timestamp()), to_char(now(), 'YYYY'), date_trunc('day', now() AT TIME ZONE 'UTC')
        SELECT '{"a": [1, 2]}'::jsonb -> 'a' ->> 0, jsonb_path_exists('{"a": 1}', '$.a'), (SELECT count(*) FROM jsonb_array_elements('[1]'))
        SELECT to_tsvector('english', name) @@ to_tsquery('english', 'customer') FROM customers
        SELECT ARRAY[1, 2] @> ARRAY[1], int4range(1, 5) && int4range(3, 9), tickets_range(1.5, 2.5), 3 = ANY (ARRAY[1, 2])
        SELECT tickets_product(id) FROM customers WHERE id < 4
        SELECT quiet(name) FROM customers
        SELECT m FROM already_marked
        SELECT count(*) FROM customers TABLESAMPLE BERNOULLI (50)
        SELECT last_value FROM tickets
        SELECT random() < 2, gen_random_uuid() IS NOT NULL
        SELECT pg_size_pretty(pg_database_size(current_database())), pg_total_relation_size('customers'), pg_is_in_recovery(), pg_current_wal_lsn()
        SELECT count(*) FROM pg_stat_activity WHERE state = 'active'
        SELECT count(*) FROM pg_locks WHERE NOT granted
        SELECT relname, n_dead_tup FROM pg_stat_user_tables ORDER BY 2 DESC
        SELECT slot_name, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) FROM pg_replication_slots
        SELECT sequencename, last_value FROM pg_sequences
        SELECT max(age(datfrozenxid)) FROM pg_database
        SELECT count(*) FROM pg_stat_replication
        SELECT setting FROM pg_settings WHERE name = 'max_connections'
        SELECT count(*) FROM pg_prepared_xacts
        SELECT name FROM pg_available_extensions WHERE installed_version <> default_version
        SELECT table_name FROM information_schema.tables
        SELECT count(*) FROM information_schema.columns c JOIN information_schema.table_constraints t USING (table_name)
        SELECT count(*) FROM pg_stats
        SELECT * FROM pg_views
        SELECT pg_get_indexdef(indexrelid) FROM pg_index
        SELECT similarity(name, 'customer'), name % 'customer', unaccent('x'), 'a=>1'::hstore -> 'a', 'A'::citext = 'a' FROM customers
        SELECT ROW(1, 'a'), customers FROM customers;
        SELECT "; odd "" name" FROM (SELECT 1 AS "; odd "" name") "mark()"
        SELECT 'mark()', $$ mark() $$, $q$ pg_sleep(1) $q$, E'it\'s mark()', U&'\0061' -- mark()
        """.Split('\n').Select(line => line.Trim()));

    public async ValueTask InitializeAsync()
    {
        await traps.LayAsync();
        await PostgresHarness.ExecuteAsync(
            PostgresHarness.DatabaseOf(traps.Location),
            """
            CREATE EXTENSION IF NOT EXISTS pg_trgm;
            CREATE EXTENSION IF NOT EXISTS unaccent;
            CREATE EXTENSION IF NOT EXISTS hstore;
            CREATE EXTENSION IF NOT EXISTS citext;
            DO $$ BEGIN
                IF to_regtype('tickets_range') IS NULL THEN
                    CREATE TYPE tickets_range AS RANGE (subtype = numeric);
                    CREATE AGGREGATE tickets_product (int) (SFUNC = int4mul, STYPE = int, INITCOND = '1');
                    CREATE FUNCTION quiet(text) RETURNS text LANGUAGE internal IMMUTABLE AS 'lower';
                    CREATE TABLE already_marked (m marked);
                END IF;
            END $$;
            """);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [MemberData(nameof(Statements))]
    public async Task What_only_reads_is_answered_and_measured(string sql)
    {
        await ((IHealthChecked)traps.Engine).AskOwnAsync(traps.Location, sql, TimeSpan.FromSeconds(20), Now);
        await ((IIndexMaker)traps.Engine).CheckQueryAsync(traps.Location, sql, Now);

        Assert.Equal("", await traps.FindDamageAsync());
    }

    [Theory]
    [InlineData("EXISTS (SELECT FROM public.calm WHERE calm.id = events.id)")]
    [InlineData("lower(level) = 'x' AND events.id + 1 > 2 AND level LIKE 'd%' AND level IS DISTINCT FROM 'y'")]
    [InlineData("at_zoned < now() AND at_day::text > '2' AND (ARRAY[level])[1] = 'x'")]
    public async Task A_condition_that_only_chooses_is_taken(string condition)
    {
        await PostgresHarness.ExecuteAsync(PostgresHarness.DatabaseOf(traps.Location), "CREATE OR REPLACE VIEW calm AS SELECT id FROM customers WHERE length(name) > 1");

        Assert.Null(await ((IKeepsRows)traps.Engine).FindConditionFaultAsync(traps.Location, "events", condition, Now));
    }

    [Theory]
    [InlineData("SELECT count(*) FROM customers", null)]
    [InlineData("SELECT pg_database_size(current_database()), lower('X');", null)]
    [InlineData("SELECT mark()", "mark()")]
    [InlineData("SELECT m FROM mark_outer", "mark()")]
    [InlineData("SELECT name::marked FROM customers", "mark_t(text)")]
    [InlineData("SELECT id FROM guarded", "mark_i(integer)")]
    [InlineData("SELECT pg_sleep(10)", "pg_sleep")]
    [InlineData("INSERT INTO customers VALUES (0, '') RETURNING id", "not one SELECT")]
    [InlineData("WITH d AS (DELETE FROM customers RETURNING id) SELECT * FROM d", "not one SELECT")]
    [InlineData("SHOW data_directory", "not run")]
    [InlineData("SELECT 1; SELECT 2", "multiple commands")]
    [InlineData(" -- nothing", "not one SELECT")]
    public async Task A_login_without_temporary_objects_is_judged_by_the_same_rules(string sql, string? refusal)
    {
        var role = "calm_" + Guid.NewGuid().ToString("N")[..8];
        var database = PostgresHarness.DatabaseOf(traps.Location);
        await PostgresHarness.ExecuteAsync(
            database,
            $"""
            CREATE ROLE {role} LOGIN PASSWORD 'calm';
            REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC;
            DROP TABLE IF EXISTS guarded;
            CREATE TABLE guarded (id int);
            CREATE POLICY chosen ON guarded USING (mark_i(id) = 1);
            ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
            GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role};
            """);
        try
        {
            await using var engine = PostgresHarness.EngineFor(traps.Location, role, "calm", out var location);
            var asking = engine.AskOwnAsync(location, sql, TimeSpan.FromSeconds(20), Now);
            if (refusal is null)
            {
                Assert.NotEmpty((await asking).Rows);
            }
            else
            {
                Assert.Contains(refusal, (await Assert.ThrowsAsync<OwnQuestionException>(() => asking)).Message, StringComparison.Ordinal);
            }
        }
        finally
        {
            await PostgresHarness.ExecuteAsync(database, $"DROP OWNED BY {role}; DROP ROLE {role}; GRANT TEMPORARY ON DATABASE {database} TO PUBLIC");
        }

        Assert.Equal("", await traps.FindDamageAsync());
    }
}

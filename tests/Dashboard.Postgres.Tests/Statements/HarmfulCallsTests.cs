using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Core.Maintenance;
using Dashboard.Core.Retention;
using Xunit;

namespace Dashboard.Postgres.Tests.Statements;

/// <summary>The same harmful call, written in many ways, at each of the three doors at which a person types SQL. By a superuser, whom no right holds back.</summary>
public sealed class HarmfulCallsTests(Traps traps) : IClassFixture<Traps>, IAsyncLifetime
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public static TheoryData<string> Statements { get; } = new(
        """
        SELECT mark()
        SELECT/**/mark/* (a) /* b */ c */()
        SELECT "mark"()
        SELECT U&"\006Dark"()
        SELECT U&"m!0061rk" UESCAPE '!' ()
        SELECT "public" . MARK ()
        SELECT mark_i(1)
        SELECT mark_sql(1)
        SELECT mark_many(1, 2, 3)
        SELECT mark_many(VARIADIC ARRAY[1])
        SELECT mark_usual()
        SELECT mark_usual(a => 2)
        SELECT customers.mark_of FROM customers
        SELECT * FROM mark_rows()
        SELECT * FROM ROWS FROM (generate_series(1, 2), mark_rows()) WITH ORDINALITY
        SELECT * FROM customers, LATERAL mark_i(id) m
        SELECT * FROM customers CROSS JOIN LATERAL (SELECT mark_i(id)) m
        WITH m AS (SELECT mark()) SELECT * FROM m
        WITH m AS MATERIALIZED (SELECT mark()) SELECT 1
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT mark() FROM n WHERE i < 2) SELECT * FROM n
        SELECT 1 WHERE mark_i(1) = 1
        SELECT 1 ### 2
        SELECT 1 OPERATOR(public.###) 2
        SELECT ~~# 1
        SELECT 1 WHERE (1 ### 2) IS DISTINCT FROM 3
        SELECT mark_sum(id) FROM customers
        SELECT mark_last(id) FROM customers
        SELECT mark_frame(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM customers
        SELECT count(*) FILTER (WHERE mark() = 1) FROM customers
        SELECT sum(id) OVER (PARTITION BY mark()) FROM customers
        SELECT sum(id) OVER (ORDER BY id ROWS mark() PRECEDING) FROM customers
        SELECT string_agg(name, ',' ORDER BY mark()) FROM customers
        SELECT percentile_cont(mark()) WITHIN GROUP (ORDER BY id) FROM customers
        SELECT id FROM customers ORDER BY mark()
        SELECT count(*) FROM customers GROUP BY mark_i(id)
        SELECT count(*) FROM customers GROUP BY GROUPING SETS ((mark_i(id)), ())
        SELECT count(*) FROM customers HAVING mark() = 1
        SELECT id FROM customers LIMIT mark()
        SELECT id FROM customers OFFSET mark()
        SELECT id FROM customers TABLESAMPLE SYSTEM (mark())
        SELECT DISTINCT ON (mark_i(id)) id FROM customers
        VALUES (1), (mark())
        TABLE mark_view
        SELECT m FROM mark_view
        SELECT m FROM mark_outer
        SELECT m FROM public . U&"\006Dark_outer"
        SELECT m FROM "mark "" odd"
        SELECT count(*) FROM mark_checked
        SELECT CASE WHEN true THEN mark() END
        SELECT coalesce(NULL, mark())
        SELECT (SELECT mark())
        SELECT EXISTS (SELECT mark())
        SELECT 1 = ANY (ARRAY[mark()])
        SELECT id FROM customers WHERE id IN (SELECT mark())
        SELECT 1 UNION ALL SELECT mark()
        SELECT 1 EXCEPT SELECT mark()
        SELECT (ROW(mark(), 2)).f1
        SELECT * FROM customers a JOIN customers b ON mark() = 1
        SELECT (ARRAY[1, 2])[mark()]
        SELECT xmlelement(name a, mark())
        SELECT GREATEST(1, mark())
        SELECT name::marked FROM customers
        SELECT CAST(name AS marked_more) FROM customers
        SELECT marked 'x'
        SELECT ARRAY[name]::marked[] FROM customers
        SELECT ('{' || name || '}')::marked[] FROM customers
        SELECT ROW(name)::marked_row FROM customers
        SELECT ('(' || id || ')')::marked_row FROM customers
        SELECT marked_range(name, NULL) FROM customers
        SELECT ('[' || id || ',]')::marked_range FROM customers
        SELECT json_populate_record(NULL::marked_row, '{"m": "x"}')
        SELECT * FROM jsonb_populate_recordset(NULL::marked_row, '[{"m": "x"}]')
        SELECT * FROM json_to_record('{"m": "x"}') AS r (m marked)
        SELECT * FROM jsonb_to_recordset('[{"m": "x"}]') AS r (m marked_more)
        SELECT * FROM xmltable('/a' PASSING '<a>x</a>' COLUMNS m marked PATH '.')
        SELECT domain_in('x', 'marked'::regtype, -1)
        SELECT array_in('{x}', 'marked'::regtype, -1)
        SELECT record_in('(x)', 'marked_row'::regtype, -1)
        SELECT id::trap FROM customers
        SELECT ARRAY[id]::trap[] FROM customers
        SELECT tidy({victim})
        SELECT rest(30)
        SELECT pg_terminate_backend({victim})
        SELECT pg_catalog.pg_terminate_backend({victim}, 0)
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = {victim}
        SELECT pg_cancel_backend({victim})
        SELECT pg_sleep(30)
        SELECT pg_sleep_for('30 s')
        SELECT pg_sleep_until(now() + interval '30 s')
        SELECT set_config('statement_timeout', '0', false)
        SELECT nextval('tickets')
        SELECT setval('tickets', 500)
        SELECT lo_create(0)
        SELECT lo_from_bytea(0, 'x')
        SELECT lo_import('/etc/hostname')
        SELECT lo_export(1, '{trace}')
        SELECT pg_read_file('postgresql.conf')
        SELECT pg_read_binary_file('PG_VERSION')
        SELECT pg_ls_dir('.')
        SELECT * FROM pg_ls_waldir()
        SELECT pg_stat_file('PG_VERSION')
        SELECT * FROM pg_hba_file_rules
        SELECT * FROM pg_file_settings
        SELECT query_to_xml('SELECT mark()', true, true, '')
        SELECT query_to_xml_and_xmlschema('SELECT mark()', true, true, '')
        SELECT table_to_xml('mark_view', true, true, '')
        SELECT schema_to_xml('public', true, true, '')
        SELECT database_to_xml(true, true, '')
        SELECT cursor_to_xml('c', 1, true, true, '')
        SELECT ts_stat('SELECT ''a''::tsvector WHERE mark() = 1')
        SELECT ts_rewrite('a'::tsquery, 'SELECT ''a''::tsquery, ''b''::tsquery WHERE mark() = 1')
        SELECT * FROM crosstab('SELECT 1, 1, mark()') AS r (a int, b int)
        SELECT * FROM connectby('(SELECT mark() AS a, 1 AS b) x', 'a', 'b', '1', 0) AS r (a int, b int, c int)
        SELECT * FROM xpath_table('m', 'm', 'mark_view', '/a', 'true') AS r (a int, b text)
        SELECT * FROM dblink('dbname=' || current_database(), 'SELECT mark()') AS r (a int)
        SELECT dblink_connect('x', 'dbname=' || current_database())
        SELECT pg_logical_emit_message(false, 'a', 'b')
        SELECT pg_create_logical_replication_slot('trap', 'test_decoding')
        SELECT pg_create_physical_replication_slot('trap')
        SELECT pg_logical_slot_get_changes('trap', NULL, NULL)
        SELECT pg_replication_origin_create('trap')
        SELECT pg_advisory_lock(1)
        SELECT pg_try_advisory_xact_lock(1)
        SELECT pg_advisory_unlock_all()
        SELECT pg_notify('a', 'b')
        SELECT pg_reload_conf()
        SELECT pg_rotate_logfile()
        SELECT pg_switch_wal()
        SELECT pg_create_restore_point('a')
        SELECT pg_export_snapshot()
        SELECT pg_stat_reset()
        SELECT pg_log_backend_memory_contexts({victim})
        SELECT txid_current()
        SELECT pg_current_xact_id()
        SELECT * FROM mark_foreign
        SELECT * FROM mark_parent
        SELECT id FROM customers FOR UPDATE
        SELECT id FROM (SELECT id FROM customers FOR KEY SHARE) c
        DO $$ BEGIN PERFORM mark(); END $$
        PREPARE p AS SELECT mark()
        EXECUTE p
        DECLARE c CURSOR FOR SELECT mark()
        EXPLAIN ANALYZE SELECT mark()
        CREATE TABLE made AS SELECT mark()
        SELECT mark() INTO made
        SELECT 1 AS one INTO TEMP made
        CALL mark()
        COPY (SELECT 1) TO '{trace}'
        COPY (SELECT 1) TO PROGRAM 'touch {trace}'
        LOCK TABLE customers
        LISTEN a
        SET default_transaction_read_only = off
        SHOW data_directory
        RESET ALL
        COMMIT
        INSERT INTO empty VALUES (mark()) RETURNING id
        WITH d AS (DELETE FROM empty RETURNING mark()) SELECT * FROM d
        SELECT 1; SELECT mark()
        COMMIT; SELECT mark()
        SELECT 1) AS a, (SELECT mark()
        SELECT 1) AS a; SELECT mark(); SELECT * FROM (SELECT 1
        SELECT 1 /* ; */ ; -- ; \n SELECT mark()
        """.Split('\n').Select(line => line.Trim()));

    public static TheoryData<string> Conditions { get; } = new(
        """
        mark() = 1
        "mark"() = 1
        U&"m!0061rk" UESCAPE '!' () = 1
        mark_i(events.id) = 1
        public.mark_sql(events.id) = 1
        (SELECT count(*) FROM public.mark_view) = 1
        EXISTS (SELECT FROM public.mark_outer)
        events.id OPERATOR(public.###) 2 = 1
        events.level::public.marked IS NOT NULL
        ARRAY[level]::public.marked[] IS NOT NULL
        json_populate_record(NULL::public.marked_row, '{"m": "x"}') IS NOT NULL
        events.id IN (SELECT public.mark_sum(id) FROM public.customers)
        events.id::public.trap IS NOT NULL
        public.tidy({victim})
        public.rest(30) IS NULL
        pg_terminate_backend({victim})
        pg_sleep(30) IS NULL
        nextval('public.tickets') > 0
        lo_import('/etc/hostname') > 0
        pg_read_file('PG_VERSION') > ''
        query_to_xml('SELECT public.mark()', true, true, '') IS NOT NULL
        database_to_xml(true, true, '') IS NOT NULL
        EXISTS (SELECT FROM public.mark_foreign)
        EXISTS (SELECT FROM public.dblink('dbname=postgres', 'SELECT 1') AS r (a int))
        pg_try_advisory_lock(7)
        random() < 2
        clock_timestamp() > at_zoned
        """.Split('\n').Select(line => line.Trim()));

    public async ValueTask InitializeAsync() => await traps.LayAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [MemberData(nameof(Statements))]
    public async Task A_harmful_question_is_refused_with_its_reason_and_not_run(string sql)
    {
        var refused = await Assert.ThrowsAsync<OwnQuestionException>(() => ((IHealthChecked)traps.Engine).AskOwnAsync(traps.Location, Fill(sql), TimeSpan.FromSeconds(20), Now));

        Assert.StartsWith("The question was not run.", refused.Message, StringComparison.Ordinal);
        Assert.Equal("", await traps.FindDamageAsync());
    }

    [Theory]
    [MemberData(nameof(Statements))]
    public async Task A_harmful_query_is_not_measured(string sql)
    {
        var refused = await Assert.ThrowsAsync<DatabaseException>(() => ((IIndexMaker)traps.Engine).CheckQueryAsync(traps.Location, Fill(sql), Now));

        Assert.StartsWith("The query is not run.", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<DatabaseException>(() => ((IIndexMaker)traps.Engine).MeasureQueryAsync(traps.Location, Fill(sql), Now));
        Assert.Equal("", await traps.FindDamageAsync());
    }

    [Theory]
    [MemberData(nameof(Conditions))]
    public async Task A_harmful_condition_chooses_no_row(string condition)
    {
        var rows = (IKeepsRows)traps.Engine;
        var old = new RowSelection(new RowTime("events", "at_seconds", TimeKind.UnixSeconds, TimeSpan.Zero), new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero), Fill(condition), LetsKeysAct: false);

        Assert.NotNull(await rows.FindConditionFaultAsync(traps.Location, "events", Fill(condition), Now));
        await Assert.ThrowsAsync<DatabaseException>(() => rows.PreviewAsync(traps.Location, old, Now));
        await Assert.ThrowsAsync<DatabaseException>(() => rows.OpenRowsAsync(traps.Location, old, Now));

        Assert.Equal("", await traps.FindDamageAsync());
    }

    private string Fill(string sql) => sql
        .Replace("{victim}", $"{traps.Victim}", StringComparison.Ordinal)
        .Replace("{trace}", traps.Trace, StringComparison.Ordinal)
        .Replace("\\n", "\n", StringComparison.Ordinal);
}

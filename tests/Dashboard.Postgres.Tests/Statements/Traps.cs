using Npgsql;

namespace Dashboard.Postgres.Tests.Statements;

/// <summary>
/// A database full of ways to one harmful function: <c>mark()</c> writes a file of the server, which no transaction that only reads prevents and no rollback takes back.
/// Beside it a session of somebody else, which must live on.
/// </summary>
public sealed class Traps : IAsyncDisposable
{
    private readonly PostgresHarness _harness = new();
    private NpgsqlConnection? _victim;

    /// <summary>Where the server's user can write.</summary>
    public string Trace { get; } = $"/tmp/trap_{Guid.NewGuid():N}";

    public string Location { get; private set; } = "";

    public Core.Databases.IDatabaseEngine Engine => _harness.Engine;

    public int Victim => _victim!.ProcessID;

    private string Database => PostgresHarness.DatabaseOf(Location);

    public async Task LayAsync()
    {
        if (_victim is not null)
        {
            return;
        }

        Location = await _harness.CreateAsync();
        await _harness.FillLogAsync(Location);
        await PostgresHarness.ExecuteAsync(Database, Objects.Replace("{trace}", Trace, StringComparison.Ordinal));
        _victim = await PostgresHarness.OpenAsync(Database);
    }

    /// <summary>What a harmful call has left; empty when nothing happened.</summary>
    public async Task<string> FindDamageAsync()
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT concat_ws(', ',
                (SELECT 'the sequence moved' FROM tickets WHERE last_value <> 101),
                (SELECT 'a lock stayed' FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 1),
                (SELECT 'a large object was made' FROM pg_largeobject_metadata LIMIT 1),
                (SELECT 'a table was made' FROM pg_class WHERE relname = 'made'),
                (SELECT 'a slot was made' FROM pg_replication_slots WHERE database = current_database()))
            """,
            _victim);
        var damage = (string?)await command.ExecuteScalarAsync() ?? "";
        return File.Exists(Trace) ? $"mark() was run. {damage}" : damage;
    }

    public async ValueTask DisposeAsync()
    {
        if (_victim is not null)
        {
            await _victim.DisposeAsync();
        }

        if (File.Exists(Trace))
        {
            File.Delete(Trace);
        }

        await _harness.DisposeAsync();
    }

    private const string Objects =
        """
        CREATE EXTENSION dblink;
        CREATE EXTENSION tablefunc;
        CREATE EXTENSION xml2;
        CREATE EXTENSION file_fdw;
        CREATE FUNCTION mark() RETURNS int LANGUAGE plpgsql AS $$ BEGIN COPY (SELECT 1) TO '{trace}'; RETURN 1; END $$;
        CREATE FUNCTION mark_i(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN mark(); END $$;
        CREATE FUNCTION mark_t(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN mark() = 1; END $$;
        CREATE FUNCTION mark_sql(int) RETURNS int LANGUAGE sql STABLE AS 'SELECT mark()';
        CREATE FUNCTION mark_rows() RETURNS SETOF int LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN NEXT mark(); END $$;
        CREATE FUNCTION mark_step(int, int) RETURNS int LANGUAGE plpgsql IMMUTABLE STRICT AS $$ BEGIN RETURN mark(); END $$;
        CREATE FUNCTION mark_of(customers) RETURNS int LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN mark(); END $$;
        CREATE FUNCTION mark_many(VARIADIC int[]) RETURNS int LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN mark(); END $$;
        CREATE FUNCTION mark_usual(a int DEFAULT mark()) RETURNS int LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN a; END $$;
        CREATE FUNCTION tidy(int) RETURNS boolean LANGUAGE internal STABLE AS 'pg_terminate_backend';
        CREATE FUNCTION rest(float8) RETURNS void LANGUAGE internal IMMUTABLE AS 'pg_sleep';
        CREATE OPERATOR ### (FUNCTION = mark_step, LEFTARG = int, RIGHTARG = int);
        CREATE OPERATOR ~~# (FUNCTION = mark_i, RIGHTARG = int);
        CREATE AGGREGATE mark_sum (int) (SFUNC = mark_step, STYPE = int, INITCOND = '0');
        CREATE AGGREGATE mark_last (int) (SFUNC = int4pl, STYPE = int, INITCOND = '0', FINALFUNC = mark_i);
        CREATE AGGREGATE mark_frame (int) (SFUNC = int4pl, STYPE = int, INITCOND = '0', MSFUNC = int4pl, MINVFUNC = mark_step, MSTYPE = int, MINITCOND = '0');
        CREATE DOMAIN marked AS text CHECK (mark_t(VALUE));
        CREATE DOMAIN marked_more AS marked;
        CREATE TYPE marked_row AS (m marked);
        CREATE TYPE marked_range AS RANGE (subtype = marked_more);
        CREATE TYPE trap AS (a int);
        CREATE FUNCTION to_trap(int) RETURNS trap LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN ROW(mark())::trap; END $$;
        CREATE CAST (int AS trap) WITH FUNCTION to_trap(int) AS IMPLICIT;
        CREATE VIEW mark_view AS SELECT mark() AS m;
        CREATE VIEW mark_outer AS SELECT * FROM (SELECT m FROM mark_view) inside;
        CREATE VIEW "mark "" odd" AS SELECT mark_i(1) AS m;
        CREATE VIEW mark_checked AS SELECT name::marked AS m FROM customers;
        CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
        CREATE FOREIGN TABLE mark_foreign (line text) SERVER files OPTIONS (program 'touch {trace}');
        CREATE TABLE mark_parent (line text);
        CREATE FOREIGN TABLE mark_child () INHERITS (mark_parent) SERVER files OPTIONS (program 'touch {trace}');
        """;
}

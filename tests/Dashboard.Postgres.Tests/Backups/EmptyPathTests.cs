using Dashboard.Core.Backups;
using Dashboard.Core.Jobs;
using Xunit;

namespace Dashboard.Postgres.Tests.Backups;

/// <summary>pg_restore runs with an empty search_path. What it can't compute then is found in the dump itself, and nothing else is called so.</summary>
public sealed class EmptyPathTests : IAsyncLifetime
{
    private readonly PostgresHarness _harness = new();
    private string _location = "";

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private string Database => PostgresHarness.DatabaseOf(_location);

    public async ValueTask InitializeAsync() => _location = await _harness.CreateAsync();

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    private const string Doc = "CREATE TABLE doc (id int, t text); INSERT INTO doc VALUES (1, 'é'); ";
    private const string Helper = "CREATE FUNCTION helper(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)'; ";

    /// <summary>Each is restored for real: what is called unrestorable must fail, and what is not must come back.</summary>
    [Theory]
    [InlineData("CREATE EXTENSION unaccent; CREATE FUNCTION f(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT unaccent($1)'; " + Doc + "CREATE INDEX i ON doc (f(t))", "Index i", "public.f(text)")]
    [InlineData("CREATE EXTENSION unaccent; CREATE FUNCTION f(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT unaccent($1)'; CREATE TABLE doc (id int, t text, s text GENERATED ALWAYS AS (f(t)) STORED); INSERT INTO doc VALUES (1, 'é')", "Table doc", "public.f(text)")]
    [InlineData(Helper + "CREATE FUNCTION f(text) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN helper($1) <> ''''; END'; CREATE TABLE doc (t text CHECK (f(t))); INSERT INTO doc VALUES ('x')", "Table doc", "public.f(text)")]
    [InlineData("CREATE TABLE rates (r int); INSERT INTO rates VALUES (1); CREATE FUNCTION f() RETURNS int LANGUAGE sql STABLE AS 'SELECT r FROM rates'; CREATE MATERIALIZED VIEW m AS SELECT f() AS x", "Materialized view m", "public.f()")]
    [InlineData("CREATE TABLE rates (r int); INSERT INTO rates VALUES (1); CREATE FUNCTION f() RETURNS int LANGUAGE sql STABLE AS 'SELECT r FROM rates'; CREATE VIEW v AS SELECT f() AS x; CREATE MATERIALIZED VIEW m AS SELECT * FROM v", "Materialized view m", "public.f()")]
    [InlineData(Helper + "CREATE FUNCTION f(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT helper($1)'; CREATE FUNCTION g(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT public.f($1)'; " + Doc + "CREATE INDEX i ON doc (g(t))", "Index i", "public.f(text)")]
    [InlineData("CREATE TYPE mood AS ENUM ('sad'); CREATE FUNCTION f(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'DECLARE m mood; BEGIN m := $1::mood; RETURN m; END'; CREATE TABLE doc (t text); INSERT INTO doc VALUES ('sad'); CREATE INDEX i ON doc (f(t))", "Index i", "public.f(text)")]
    [InlineData("CREATE EXTENSION hstore; CREATE FUNCTION f(text) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT NULLIF($1, '''') IS NOT NULL AND (''a=>1''::hstore ?& ARRAY[$1]) IS NOT NULL'; " + Doc + "CREATE INDEX i ON doc (f(t))", "Index i", "public.f(text)")]
    [InlineData(Helper + "CREATE FUNCTION f(text) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN helper($1) <> ''''; END'; CREATE DOMAIN d AS text CHECK (f(VALUE)); CREATE TABLE doc (t d); INSERT INTO doc VALUES ('x')", "Table doc", "public.f(text)")]
    [InlineData("CREATE TABLE o (k text PRIMARY KEY); CREATE FUNCTION f(text) RETURNS bool LANGUAGE plpgsql AS 'DECLARE r o%ROWTYPE; BEGIN RETURN true; END'; CREATE TABLE doc (t text CHECK (f(t))); INSERT INTO doc VALUES ('x')", "Table doc", "public.f(text)")]
    [InlineData("CREATE EXTENSION unaccent; CREATE FUNCTION slugify(value text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS 'BEGIN RETURN trim(BOTH ''-'' FROM regexp_replace(lower(unaccent(value)), ''[^a-z0-9]+'', ''-'', ''gi'')); END'; CREATE TABLE doc (name text, slug text GENERATED ALWAYS AS (slugify(name)) STORED); INSERT INTO doc VALUES ('É é')", "Table doc", "public.slugify(text)")]
    [InlineData("CREATE EXTENSION citext; CREATE FUNCTION f(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'DECLARE slices citext[]; n CONSTANT int := 1; BEGIN RETURN $1; END'; " + Doc + "CREATE INDEX i ON doc (f(t))", "Index i", "public.f(text)")]

    // What comes back is never called unrestorable.
    [InlineData(Helper + "CREATE FUNCTION f(text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = public AS 'SELECT helper($1)'; " + Doc + "CREATE INDEX i ON doc (f(t))", null, null)]
    [InlineData(Helper + "CREATE FUNCTION f(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT public.helper($1)'; " + Doc + "CREATE INDEX i ON doc (f(t))", null, null)]
    [InlineData(Helper + "CREATE FUNCTION f(text) RETURNS text LANGUAGE sql IMMUTABLE RETURN helper($1); " + Doc + "CREATE INDEX i ON doc (f(t))", null, null)]
    [InlineData(Helper + "CREATE FUNCTION f(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN helper($1); END'; CREATE TABLE doc (t text, s text DEFAULT f('x')); INSERT INTO doc VALUES ('x')", null, null)]
    [InlineData(Helper + "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.t := helper(NEW.t); RETURN NEW; END'; CREATE TABLE doc (t text); CREATE TRIGGER tr BEFORE INSERT ON doc FOR EACH ROW EXECUTE FUNCTION f(); INSERT INTO doc VALUES ('x')", null, null)]
    [InlineData(Helper + "CREATE FUNCTION f(text) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN helper($1) <> ''''; END'; CREATE TABLE doc (t text CHECK (f(t)))", null, null)]
    [InlineData(Helper + "CREATE FUNCTION f(text) RETURNS text LANGUAGE sql STABLE AS 'SELECT helper($1)'; " + Doc + "CREATE VIEW v AS SELECT f(t) FROM doc; CREATE MATERIALIZED VIEW m AS SELECT * FROM v WITH NO DATA", null, null)]
    [InlineData("CREATE FUNCTION f(text, int[]) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ DECLARE x varchar(10); y numeric(10, 2) := 1; orders int; CONSTANT_ CONSTANT double precision := 2; r record; first ALIAS FOR $1; w timestamp with time zone; c CURSOR FOR SELECT 1; BEGIN -- helper(1)\n IF ($1 IS NULL) THEN RETURN coalesce($1, 'helper(2)'); ELSIF (length($1) > 3) THEN RAISE NOTICE 'x %', $1; END IF; WITH c (a) AS (SELECT 1), d AS (SELECT a FROM c) SELECT a INTO orders FROM d; SELECT extract(year FROM now()::date)::int, CAST($1 AS varchar(3)) INTO y, x; FOR i IN 1..2 LOOP y := y * -1 + i; END LOOP; RETURN substring($1 FROM 1) || x || (SELECT string_agg(k::text, ',') FROM unnest($2) AS q(k) WHERE k IN (1, 2) AND NOT (k = ANY ($2))); END $$; CREATE TABLE customers2 (t text); INSERT INTO customers2 VALUES ('x'); CREATE INDEX i ON customers2 (f(t, ARRAY[1]))", null, null)]
    public async Task What_is_called_unrestorable_is_just_that(string sql, string? title, string? function)
    {
        await PostgresHarness.ExecuteAsync(Database, sql);

        var (file, content) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);

        if (title is null)
        {
            Assert.Empty(content.Warnings);
            await RestoreAsync(file);
            return;
        }

        var warning = Assert.Single(content.Warnings);
        Assert.StartsWith(title, warning, StringComparison.Ordinal);
        Assert.Contains($"ALTER FUNCTION {function} SET search_path = public;", warning, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(() => RestoreAsync(file));

        // What it advises is enough.
        await PostgresHarness.ExecuteAsync(Database, $"ALTER FUNCTION {function} SET search_path = public");
        var (second, cured) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        Assert.Empty(cured.Warnings);
        await RestoreAsync(second);
    }

    [Fact]
    public async Task A_column_and_an_index_of_one_table_are_both_named_where_the_question_for_its_rows_fails_too()
    {
        await PostgresHarness.ExecuteAsync(
            Database,
            """
            CREATE SCHEMA app; CREATE EXTENSION unaccent SCHEMA app; SET search_path = app;
            CREATE FUNCTION f(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT unaccent($1)';
            CREATE TABLE doc (t text, s text GENERATED ALWAYS AS (f(t)) STORED); CREATE INDEX i ON doc (f(t)); INSERT INTO doc VALUES ('é');
            """);

        var (_, content) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);

        Assert.Equal(["Index app.i", "Table app.doc"], content.Warnings.Select(warning => string.Join(' ', warning.Split(' ')[..2])).Order());
        Assert.All(content.Warnings, warning => Assert.Contains("ALTER FUNCTION app.f(text) SET search_path = app;", warning, StringComparison.Ordinal));
        Assert.Empty(content.Notes);
    }

    private Task<RestoreResult> RestoreAsync(string file) =>
        _harness.Engine.RestoreAsync(_location, new RestoreWork(ContentPlace.File(file), _harness.NewUndo(_location, "undo"), _ => Task.CompletedTask), RunProgress.None, Now);
}

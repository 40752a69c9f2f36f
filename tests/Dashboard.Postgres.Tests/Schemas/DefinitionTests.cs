using Dashboard.Core.Databases;
using Xunit;

namespace Dashboard.Postgres.Tests.Schemas;

public sealed class DefinitionTests : SchemaTests
{
    /// <summary>What else must be there before the tables are made.</summary>
    private const string Surroundings =
        """
        CREATE SCHEMA "my.schema";
        CREATE TYPE mood AS ENUM ('good', 'bad');
        CREATE DOMAIN "my.schema".share AS numeric(5, 2) CHECK (VALUE <= 100);
        CREATE FUNCTION tomorrow() RETURNS date LANGUAGE sql AS 'SELECT current_date + 1';
        CREATE TABLE parted (id int, note text, CHECK (id > 0)) PARTITION BY RANGE (id);
        CREATE TABLE base (id int, CONSTRAINT positive CHECK (id > 0));
        CREATE TABLE customers (id int, region text, PRIMARY KEY (id, region));
        """;

    private const string Tables =
        """"
        CREATE TABLE "my.schema"."Odd ""one""" (
            "Id" bigint GENERATED ALWAYS AS IDENTITY (START WITH 100 INCREMENT BY 5) PRIMARY KEY,
            old_id serial UNIQUE,
            name varchar(20) COLLATE "C" NOT NULL DEFAULT 'it''s',
            mood mood DEFAULT 'good',
            part "my.schema".share,
            due date DEFAULT tomorrow(),
            doubled int GENERATED ALWAYS AS (other * 2) STORED,
            other int,
            tags text[] DEFAULT '{}',
            customer int,
            region text,
            CONSTRAINT "named so" CHECK (name <> '' AND other > 0),
            FOREIGN KEY (customer, region) REFERENCES customers ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
            EXCLUDE USING gist (int4range(other, other + 1) WITH &&)
        ) WITH (fillfactor = 70);
        CREATE INDEX "by name" ON "my.schema"."Odd ""one""" (lower(name) DESC, other) INCLUDE (due) WHERE other > 5;
        CREATE UNLOGGED TABLE quick (a int);
        CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (1) TO (10);
        CREATE INDEX parted_1_note ON parted_1 (note);
        CREATE TABLE derived (note text) INHERITS (base);
        CREATE TABLE bare ();
        """";

    /// <summary>Columns, constraints, indexes, sequences and storage as the server tells them.</summary>
    private const string Shape =
        """
        SELECT line FROM (
            SELECT format('%s %s %s %s %s %s %s %s', a.attrelid::regclass, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, a.attcollation::regcollation) || coalesce(pg_get_expr(d.adbin, d.adrelid), '') AS line
            FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum JOIN pg_class c ON c.oid = a.attrelid
            WHERE a.attnum > 0 AND c.relkind IN ('r', 'p')
            UNION ALL SELECT format('%s %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid), conislocal) FROM pg_constraint WHERE conrelid <> 0
            UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index
            UNION ALL SELECT format('%s %s %s %s', seqrelid::regclass, seqstart, seqincrement, pg_get_serial_sequence(d.refobjid::regclass::text, a.attname)) FROM pg_sequence JOIN pg_depend d ON d.objid = seqrelid AND d.deptype IN ('a', 'i') JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
            UNION ALL SELECT format('%s %s %s %s', oid::regclass, relpersistence, reloptions, pg_get_expr(relpartbound, oid)) FROM pg_class WHERE relkind = 'r'
            UNION ALL SELECT format('%s %s', inhrelid::regclass, inhparent::regclass) FROM pg_inherits) shape
        WHERE line !~ '^(pg_|information_schema|CREATE (UNIQUE )?INDEX pg_)'
            AND line NOT LIKE '% ON pg_%'
        ORDER BY line
        """;

    [Fact]
    public async Task What_is_composed_makes_the_same_tables()
    {
        var location = await CreateAsync(Surroundings, Tables);
        var made = await CreateAsync(Surroundings);

        foreach (var name in new[] { "\"my.schema\".\"Odd \"\"one\"\"\"", "quick", "parted_1", "derived", "bare" })
        {
            await ExecuteAsync(made, (await Engine.ReadTableAsync(location, name, Plenty, Now)).Definition);
        }

        var (expected, actual) = (await TextsAsync(location, Shape), await TextsAsync(made, Shape));
        Assert.Empty(expected.Except(actual));
        Assert.Empty(actual.Except(expected));
    }

    [Fact]
    public async Task Columns_are_told_with_their_keys_and_what_fills_them()
    {
        var location = await CreateAsync(Surroundings, Tables, "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER watch BEFORE INSERT ON \"my.schema\".\"Odd \"\"one\"\"\" FOR EACH ROW EXECUTE FUNCTION f()");

        var details = await Engine.ReadTableAsync(location, "\"my.schema\".\"Odd \"\"one\"\"\"", Plenty, Now);

        Assert.Equal(
            [
                new ColumnFacts("Id", "bigint", true, "GENERATED ALWAYS AS IDENTITY (START WITH 100 INCREMENT BY 5)", 1, ColumnKind.Ordinary, null),
                new ColumnFacts("old_id", "integer", true, "nextval('\"my.schema\".\"Odd \"\"one\"\"_old_id_seq\"'::regclass)", null, ColumnKind.Ordinary, null),
                new ColumnFacts("name", "character varying(20)", true, "'it''s'::character varying", null, ColumnKind.Ordinary, null),
            ],
            details.Columns.Take(3));
        Assert.Equal(("(other * 2)", ColumnKind.GeneratedStored), details.Columns.Single(column => column.Name == "doubled") is var doubled ? (doubled.Default, doubled.Kind) : default);
        Assert.Equal("customers.region", details.Columns.Single(column => column.Name == "region").References);
        Assert.Equal(["watch"], details.Triggers);
        Assert.Equal(4, details.Indexes.Count);
        Assert.Equal(["customer", "region"], Assert.Single(details.ForeignKeys).Columns);
    }

    [Fact]
    public async Task The_key_of_several_columns_keeps_their_order()
    {
        var location = await CreateAsync("CREATE TABLE pairs (a int, b int, c int, PRIMARY KEY (c, a))");

        var details = await Engine.ReadTableAsync(location, "pairs", Plenty, Now);

        Assert.Equal([2, null, 1], details.Columns.Select(column => column.KeyPosition));
    }
}

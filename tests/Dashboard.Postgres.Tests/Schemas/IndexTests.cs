using Dashboard.Core.Databases.Indexes;
using Npgsql;
using Xunit;

namespace Dashboard.Postgres.Tests.Schemas;

public sealed class IndexTests : SchemaTests
{
    private const string People =
        """
        CREATE SCHEMA audit;
        CREATE TABLE teams (id int PRIMARY KEY, code text UNIQUE);
        CREATE TABLE people (id int PRIMARY KEY, team int REFERENCES teams (id), email text, status text, tags jsonb, span int4range, seen timestamptz, EXCLUDE USING gist (span WITH &&));
        CREATE TABLE audit.log (person int REFERENCES people (id));
        INSERT INTO teams SELECT i, 'team ' || i FROM generate_series(1, 10) i;
        INSERT INTO people SELECT i, i % 10 + 1, 'mail' || i, CASE i % 4 WHEN 0 THEN 'open' ELSE 'done' END, '{}', int4range(i, i + 1), now() FROM generate_series(1, 1000) i;
        """;

    [Fact]
    public async Task Each_is_told_with_its_columns_its_part_and_where_it_comes_from()
    {
        var index = await ReadAsync(
            """
            CREATE INDEX by_lower ON people (lower(email));
            CREATE INDEX by_open ON people (seen DESC) WHERE status = 'open';
            CREATE INDEX covering ON people (team) INCLUDE (email, status);
            CREATE INDEX by_pattern ON people (email text_pattern_ops, status COLLATE "POSIX" DESC NULLS LAST);
            CREATE INDEX by_tags ON people USING gin (tags jsonb_path_ops);
            """);

        Assert.Equal("lower(email)", Assert.Single(index["by_lower"].Columns).Expression);
        Assert.Equal(("seen DESC", "status = 'open'::text"), (Assert.Single(index["by_open"].Columns).Text, index["by_open"].Where));
        Assert.Equal(("team", "email status"), (Assert.Single(index["covering"].Columns).Name, string.Join(' ', index["covering"].Included)));
        Assert.Equal("email text_pattern_ops, status COLLATE POSIX DESC NULLS LAST", string.Join(", ", index["by_pattern"].Columns.Select(column => column.Text)));
        Assert.Equal(("gin", "tags jsonb_path_ops"), (index["by_tags"].Kind, Assert.Single(index["by_tags"].Columns).Text));
        Assert.Equal((IndexOrigin.PrimaryKey, true, null), (index["teams_pkey"].Origin, index["teams_pkey"].IsUnique, index["teams_pkey"].Definition));
        Assert.Equal((IndexOrigin.UniqueConstraint, true), (index["teams_code_key"].Origin, index["teams_code_key"].IsUnique));
        Assert.Equal(IndexOrigin.ExclusionConstraint, index["people_span_excl"].Origin);
        Assert.StartsWith("CREATE INDEX by_lower ON public.people USING btree (lower(email))", index["by_lower"].Definition, StringComparison.Ordinal);
        Assert.All(index.Values, one => Assert.True(one.Bytes!.Value > 0, one.Name));
    }

    [Fact]
    public async Task Rows_a_value_come_from_statistics_where_there_are_some()
    {
        var index = await ReadAsync(
            """
            CREATE INDEX by_team ON people (team);
            CREATE INDEX by_both ON people (status, team);
            CREATE INDEX by_email_and_team ON people (email, team);
            CREATE INDEX by_lower ON people (lower(status));
            CREATE INDEX by_open ON people (team) WHERE status = 'open';
            CREATE STATISTICS both_of_people (ndistinct) ON team, status FROM people;
            """);

        Assert.Equal(100, index["by_team"].RowsPerValue!.Value, 1.0);
        Assert.Equal(66.7, index["by_both"].RowsPerValue!.Value, 5.0);
        Assert.Equal(500, index["by_lower"].RowsPerValue!.Value, 5.0);
        Assert.Equal(1, index["people_pkey"].RowsPerValue!.Value, 0.1);
        Assert.Null(index["by_email_and_team"].RowsPerValue);
        Assert.Null(index["by_open"].RowsPerValue);
    }

    [Fact]
    public async Task One_whose_creation_failed_is_told_and_takes_over_no_work()
    {
        var location = await CreateAsync(People, "CREATE INDEX by_status ON people (status)");
        await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(location, "CREATE UNIQUE INDEX CONCURRENTLY broken ON people (status)"));

        var list = await Engine.ReadIndexesAsync(location, Now);

        Assert.Equal("broken", Assert.Single(list.Indexes, index => index.IsInvalid).Name);
        Assert.Equal(IndexVerdict.Useful, IndexPurpose.OfAll(list).Single(one => one.Index.Name == "by_status").Use.Verdict);
    }

    [Fact]
    public async Task Duplicates_are_told_and_what_only_looks_like_one_is_none()
    {
        var location = await CreateAsync(
            People,
            """
            CREATE INDEX a_team ON people (team);
            CREATE INDEX b_team ON people (team);
            CREATE INDEX by_email ON people (email);
            CREATE INDEX by_pattern ON people (email text_pattern_ops);
            CREATE INDEX by_hash ON people USING hash (email);
            CREATE INDEX by_seen ON people (seen);
            CREATE INDEX covering ON people (seen) INCLUDE (status);
            CREATE UNIQUE INDEX pointed ON teams (id, code);
            CREATE TABLE pointing (id int, code text, FOREIGN KEY (id, code) REFERENCES teams (id, code));
            CREATE UNIQUE INDEX twin ON teams (id, code);
            """);

        var list = await Engine.ReadIndexesAsync(location, Now);

        Assert.Equal(["b_team", "by_seen", "twin"], IndexPurpose.OfAll(list).Where(one => one.Use.Verdict != IndexVerdict.Useful).Select(one => one.Index.Name));
        Assert.Equal("DROP INDEX \"public\".\"b_team\";", IndexSql.Drop(list.Indexes.Single(index => index.Name == "b_team")));
    }

    [Fact]
    public async Task A_foreign_key_without_an_index_is_told_with_a_statement_that_makes_one()
    {
        var location = await CreateAsync(People, "CREATE INDEX by_team ON people (team)");

        var missing = Assert.Single(ForeignKeyCover.FindMissing(await Engine.ReadIndexesAsync(location, Now)));
        await ExecuteAsync(location, missing.Definition);

        Assert.Equal(("audit.log", "people"), (missing.Key.Table, missing.Key.Parent));
        Assert.Empty(ForeignKeyCover.FindMissing(await Engine.ReadIndexesAsync(location, Now)));
    }

    [Fact]
    public async Task Scans_are_told_with_the_moment_that_they_are_counted_from()
    {
        var location = await CreateAsync(People, "ANALYZE");
        await ExecuteAsync(location, "SELECT pg_stat_reset()");
        await using (var connection = await PostgresHarness.OpenAsync(PostgresHarness.DatabaseOf(location)))
        {
            await PostgresHarness.ExecuteAsync(connection, "SET enable_seqscan = off; SELECT * FROM people WHERE id = 5");
            await PostgresHarness.ExecuteAsync(connection, "SELECT pg_stat_force_next_flush()");
        }

        var list = await Engine.ReadIndexesAsync(location, Now);

        Assert.Equal(1, list.Indexes.Single(index => index.Name == "people_pkey").Uses);
        Assert.Equal(0, list.Indexes.Single(index => index.Name == "teams_code_key").Uses);
        Assert.InRange(list.StatisticsSince!.Value, TimeProvider.System.GetUtcNow().AddMinutes(-5), TimeProvider.System.GetUtcNow().AddMinutes(1));
    }

    [Fact]
    public async Task Those_of_partitions_stand_on_that_of_the_whole()
    {
        var location = await CreateAsync(
            """
            CREATE TABLE owners (id int PRIMARY KEY) PARTITION BY RANGE (id);
            CREATE TABLE owners_1 PARTITION OF owners FOR VALUES FROM (0) TO (100);
            CREATE TABLE parted (id int, owner int REFERENCES owners) PARTITION BY RANGE (id);
            CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (100);
            CREATE INDEX by_owner ON parted (owner);
            """);

        var list = await Engine.ReadIndexesAsync(location, Now);

        Assert.Equal(["owners_pkey", "by_owner"], list.Indexes.Select(index => index.Name));
        Assert.Equal(["owners_1_pkey"], (await Engine.ReadTableAsync(location, "owners_1", Plenty, Now)).Indexes.Select(index => index.Name));
        Assert.Equal(("parted", "owners"), (Assert.Single(list.ForeignKeys).Table, list.ForeignKeys[0].Parent));
    }

    private async Task<Dictionary<string, IndexFacts>> ReadAsync(string statements)
    {
        var location = await CreateAsync(People, statements, "ANALYZE");
        return (await Engine.ReadIndexesAsync(location, Now)).Indexes.ToDictionary(index => index.Name);
    }
}

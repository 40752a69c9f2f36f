using Dashboard.Postgres.Archives;
using Xunit;

namespace Dashboard.Postgres.Tests.Restores;

/// <summary>How pg_restore --verbose is read, for what no pg_dump of today writes.</summary>
public sealed class EntryReaderTests
{
    private const string Script =
        """
        --
        -- PostgreSQL database dump
        --

        --
        -- TOC entry 2 (class 3079 OID 11756)
        -- Name: plpgsql; Type: EXTENSION; Schema: -; Owner: 
        --

        CREATE EXTENSION IF NOT EXISTS plpgsql WITH SCHEMA pg_catalog;


        --
        -- TOC entry 2175 (class 0 OID 0)
        -- Dependencies: 2
        -- Name: EXTENSION plpgsql; Type: COMMENT; Schema: -; Owner: 
        --

        COMMENT ON EXTENSION plpgsql IS 'PL/pgSQL procedural language';


        --
        -- TOC entry 215 (class 1259 OID 16390)
        -- Name: odd; Type: VIEW; Type: TABLE; Schema: app; Owner: shop; Tablespace: fast
        --

        CREATE TABLE app."odd; Type: VIEW" (
            -- TOC entry 9 (class 1 OID 1)
            id integer
        );


        ALTER TABLE app."odd; Type: VIEW" OWNER TO shop;

        --
        -- PostgreSQL database dump complete
        --
        """;

    [Fact]
    public void Entries_have_their_needs_their_owner_and_their_statements()
    {
        var entries = Read();

        Assert.Equal([2, 2175, 215], entries.Select(entry => entry.Id));
        Assert.Equal([2], entries[1].Needs);
        Assert.Null(entries[0].Owner);
        Assert.Equal("fast", entries[2].Tablespace);
        Assert.Contains("CREATE TABLE", entries[2].Sql, StringComparison.Ordinal);
        Assert.DoesNotContain(entries, entry => entry.Id == 9);
    }

    [Fact]
    public void A_comment_on_what_the_first_superuser_owns_in_every_new_database_is_a_gap_that_can_be_left_out()
    {
        var demand = ListDemands.Run(Read()).Single(found => found.Kind == DemandKind.Superuser);

        Assert.Equal("comment EXTENSION plpgsql", Assert.Single(demand.Things).Title);
        Assert.False(demand.HoldsRows);
    }

    [Theory]
    [InlineData("a <-> -b", "<->", "-")]
    [InlineData("a =-1", "=", "-")]
    [InlineData("a @- 1 -- b + c", "@-")]
    [InlineData("a /* b + /* c */ - */ || b", "||")]
    [InlineData("'a + b' = $$c - d$$", "=")]
    [InlineData("E'it\\'s + ' || \"x + y\"", "||")]
    public void Operators_are_taken_as_the_server_takes_them(string sql, params string[] operators) =>
        Assert.Equal(operators, SqlTokens.Read(sql).Where(token => token.Kind == TokenKind.Operator).Select(token => token.Text));

    private static IReadOnlyList<ArchiveEntry> Read()
    {
        var reader = new EntryReader();
        foreach (var line in Script.ReplaceLineEndings("\n").Split('\n'))
        {
            reader.Take(line);
        }

        return reader.End();
    }
}

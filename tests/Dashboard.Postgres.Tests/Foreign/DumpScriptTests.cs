using System.Text;
using Dashboard.Postgres.Foreign;
using Xunit;

namespace Dashboard.Postgres.Tests.Foreign;

public sealed class DumpScriptTests
{
    private readonly DumpScript _script = new();

    [Fact]
    public void Owners_and_rights_are_left_out_and_everything_else_is_not()
    {
        var kept = Run(
            """
            CREATE TABLE public.orders (
                id int
            );
            ALTER TABLE public.orders OWNER TO alice;
            ALTER TABLE ONLY public.orders ADD CONSTRAINT orders_pkey PRIMARY KEY (id);
            GRANT SELECT ON TABLE public.orders TO "Odd role";
            REVOKE ALL ON TABLE public.orders FROM PUBLIC;
            CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public;
            """);

        Assert.Equal(
            ["CREATE TABLE public.orders (", "    id int", ");", "ALTER TABLE ONLY public.orders ADD CONSTRAINT orders_pkey PRIMARY KEY (id);", "CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public;"],
            kept);
        Assert.Equal(["Odd role", "alice"], _script.Roles);
        Assert.Equal(["pgcrypto"], _script.Extensions);
        Assert.Equal(3, _script.LeftOut);
    }

    [Theory]
    [InlineData("COPY public.t (a) FROM stdin;", "\\.")]
    [InlineData("CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $x$", "$x$;")]
    [InlineData("INSERT INTO t VALUES ('", "');")]
    [InlineData("INSERT INTO t VALUES (E'it\\'s", "');")]
    [InlineData("/* a comment of", "lines */")]
    public void What_only_looks_like_a_statement_stays(string before, string after)
    {
        const string Look = "GRANT ALL ON TABLE t TO alice;";

        Assert.Equal([before, Look, after], Run($"{before}\n{Look}\n{after}\n{Look}"));
    }

    [Fact]
    public void Only_the_restriction_of_the_dump_itself_is_left_out()
    {
        var kept = Run("-- a dump\n\\restrict one\nSELECT 1;\n\\restrict two\n\\unrestrict two\n\\! touch pwned\n\\unrestrict one");

        Assert.Equal(["-- a dump", "SELECT 1;", "\\restrict two", "\\unrestrict two", "\\! touch pwned"], kept);
    }

    private List<string> Run(string text) => [.. text.Split('\n').Where(line => _script.Take(Encoding.UTF8.GetBytes(line)))];
}

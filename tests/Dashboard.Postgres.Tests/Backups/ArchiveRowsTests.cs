using System.Text;
using Dashboard.Core.Databases;
using Dashboard.Postgres.Backups;
using Dashboard.Postgres.Schemas;
using FsCheck.Xunit;
using Xunit;

namespace Dashboard.Postgres.Tests.Backups;

public sealed class ArchiveRowsTests
{
    private const string Text =
        """
        --
        -- PostgreSQL database dump
        --
        SET client_encoding = 'UTF8';
        COPY public.orders (id, note) FROM stdin;
        1	first
        2	\\.
        3	COPY public.fake (id) FROM stdin;
        \.


        COPY public.empty (id) FROM stdin;
        \.

        COPY audit."Odd "" table (x" (id) FROM stdin;
        7
        \.

        SELECT pg_catalog.setval('public.tickets', 101, true);

        """;

    [Property]
    public void Rows_are_counted_however_the_text_is_cut(int seed)
    {
        var bytes = Encoding.UTF8.GetBytes(Text.ReplaceLineEndings("\n"));
        var random = new Random(seed);
        var rows = new ArchiveRows();
        for (var at = 0; at < bytes.Length;)
        {
            var length = Math.Min(bytes.Length - at, random.Next(1, 40));
            rows.Take(bytes.AsSpan(at, length));
            at += length;
        }

        Assert.True(rows.IsComplete);
        Assert.Equal([new TableRows("audit.\"Odd \"\" table (x\"", 1), new TableRows("empty", 0), new TableRows("orders", 3)], rows.Rows);
    }

    /// <summary>Names and values in which a line looks like the beginning of rows, or like their end.</summary>
    public static TheoryData<string, string, long> OddTexts => new()
    {
        { "COPY public.\"Tab\nle\" (id, \"a\nb\") FROM stdin;\n1\tx\n2\ty\n\\.\n", "Tab\nle", 2 },
        { "COPY public.\"x FROM stdin;\nCOPY public.fake (id) FROM stdin;\n\" (id) FROM stdin;\n1\n\\.\n", "x FROM stdin;\nCOPY public.fake (id) FROM stdin;\n", 1 },
        { "COPY public.t (\";\n\", \"\"\"\n\\.\n\") FROM stdin;\n1\t2\n\\.\n", "t", 1 },
        { "COPY public.\"\\.\n\"\"\" (id) FROM stdin;\n\\.\n", "public.\"\\.\n\"\"\"", 0 },
        { "-- Data for Name: it's; Type: TABLE DATA\nCOPY public.t (id) FROM stdin;\n1\n\\.\n", "t", 1 },
        { "SELECT pg_catalog.setval('public.\"a''\n;\nCOPY public.fake (id) FROM stdin;\n\"', 1, true);\nCOPY public.t (id) FROM stdin;\n1\n\\.\n", "t", 1 },
        { "INSERT INTO public.t VALUES (1, '\nCOPY public.fake (id) FROM stdin;\n');\nCOPY public.u () FROM stdin;\n\n\n\\.\n", "u", 2 },
        { "\\restrict it's\n\n\nSELECT pg_catalog.lowrite(0, '\\x00');\nCOPY public.t (id) FROM stdin;\n1\n\\.\n\\unrestrict it's\n\n", "t", 1 },
    };

    [Theory]
    [MemberData(nameof(OddTexts))]
    public void Quotes_are_followed_however_the_text_is_cut(string text, string table, long expected)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var length = 1; length <= bytes.Length; length++)
        {
            var rows = new ArchiveRows();
            foreach (var piece in bytes.Chunk(length))
            {
                rows.Take(piece);
            }

            Assert.True(rows.IsComplete);
            Assert.Equal([(TableName.Parse(table.StartsWith("public.", StringComparison.Ordinal) ? table : TableName.Quote(table)), expected)], rows.Rows.Select(row => (TableName.Parse(row.Table), row.Rows)));
        }
    }

    [Theory]
    [InlineData("COPY public.\"Tab\n")]
    [InlineData("SELECT 'a\n")]
    [InlineData("COPY public.t (id)")]
    public void A_text_that_is_cut_off_in_a_statement_is_not_complete(string text)
    {
        var rows = new ArchiveRows();

        rows.Take(Encoding.UTF8.GetBytes(text));

        Assert.False(rows.IsComplete);
    }

    [Fact]
    public void A_text_that_is_cut_off_in_a_table_is_not_complete()
    {
        var rows = new ArchiveRows();

        rows.Take("COPY public.orders (id) FROM stdin;\n1\n2\n"u8);

        Assert.False(rows.IsComplete);
    }
}

using System.Text;
using Dashboard.Core.Databases;
using Dashboard.Postgres.Backups;
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

    [Fact]
    public void A_text_that_is_cut_off_in_a_table_is_not_complete()
    {
        var rows = new ArchiveRows();

        rows.Take("COPY public.orders (id) FROM stdin;\n1\n2\n"u8);

        Assert.False(rows.IsComplete);
    }
}

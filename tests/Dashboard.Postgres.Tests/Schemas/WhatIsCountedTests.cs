using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Xunit;

namespace Dashboard.Postgres.Tests.Schemas;

/// <summary>What is counted in a database is what its backup holds rows of, under the same names: nothing else could be announced as lost.</summary>
public sealed class WhatIsCountedTests : SchemaTests
{
    public static TheoryData<string, string[]> Databases => new()
    {
        { "materialized views", ["CREATE TABLE t AS SELECT generate_series(1, 9) AS a", "CREATE MATERIALIZED VIEW m AS SELECT * FROM t", "CREATE MATERIALIZED VIEW empty AS SELECT 1 WITH NO DATA"] },
        { "line breaks", ["CREATE SCHEMA \"s\r\nx\"", "CREATE TABLE \"Tab\nle\" (id int PRIMARY KEY, \"a\nb\" text)", "INSERT INTO \"Tab\nle\" SELECT i, 'x' FROM generate_series(1, 50) i", "CREATE TABLE \"s\r\nx\".\"COPY public.t (a) FROM stdin;\n\\.\n\" (\" FROM stdin;\n\" int)", "INSERT INTO \"s\r\nx\".\"COPY public.t (a) FROM stdin;\n\\.\n\" VALUES (1)", "CREATE SEQUENCE \"a'\n;\nCOPY b (c) FROM stdin;\n\"", "SELECT lo_from_bytea(0, 'x')"] },
        { "tables of extensions", ["CREATE TABLE t AS SELECT 1 AS a", "CREATE SCHEMA e", "CREATE TABLE e.own AS SELECT generate_series(1, 5)", "CREATE EXTENSION citext", "ALTER EXTENSION citext ADD TABLE e.own"] },
        { "partitions, no columns, unlogged", ["CREATE TABLE p (id int, at date) PARTITION BY RANGE (at)", "CREATE TABLE \"p.1\" PARTITION OF p FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')", "INSERT INTO p SELECT i, '2026-05-05' FROM generate_series(1, 7) i", "CREATE TABLE n ()", "INSERT INTO n DEFAULT VALUES", "CREATE UNLOGGED TABLE u AS SELECT 1 AS a"] },
    };

    [Theory]
    [MemberData(nameof(Databases))]
    public async Task The_database_the_archive_and_a_counted_backup_say_the_same(string kind, string[] statements)
    {
        var location = await CreateAsync(statements);

        var now = await Engine.CountRowsAsync(location, Plenty, Now);
        var (_, content) = await Harness.TakeBackupAsync(location, cancellationToken: Now);
        var counted = await CountedAsync(location, kind);

        Assert.True(now.IsComplete);
        Assert.Equal(content.Rows, now.Tables.OrderBy(table => table.Table, StringComparer.Ordinal));
        Assert.Equal(content.Rows, counted);
    }

    /// <summary>Counted in the source, in the snapshot of the dump.</summary>
    private async Task<IReadOnlyList<TableRows>> CountedAsync(string location, string kind)
    {
        await using var artefact = File.Create(Harness.NewFile($"{kind.Length}.counted"));
        return (await Engine.WriteBackupAsync(location, new BackupStaging(Harness.NewFile($"{kind.Length}.work"), artefact) { CountsSource = true }, Dashboard.Core.Jobs.RunProgress.None, Now)).Rows;
    }
}

#pragma warning disable
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Postgres.Connections;

namespace Dashboard.Postgres.Schemas
{
    using Dashboard.Core.Databases.Indexes;
    internal static class CountRows { public static Task<RowCounts> RunAsync(PostgresLocation a, Watching w, TimeSpan b, TimeProvider t, CancellationToken c) => throw new NotSupportedException(); }
    internal static class ReadMark { public static Task<string?> RunAsync(PostgresLocation a, Watching w, CancellationToken c) => throw new NotSupportedException(); }
    internal static class ReadTables { public static Task<TableList> RunAsync(PostgresLocation a, Watching w, TimeSpan b, TimeProvider t, CancellationToken c) => throw new NotSupportedException(); }
    internal static class ReadTable { public static Task<TableDetails> RunAsync(PostgresLocation a, Watching w, string n, TimeSpan b, TimeProvider t, CancellationToken c) => throw new NotSupportedException(); }
    internal static class ReadIndexes { public static Task<IndexList> RunAsync(PostgresLocation a, Watching w, TimeProvider t, CancellationToken c) => throw new NotSupportedException(); }
    internal static class CountTable { public static Task<Measure> RunAsync(PostgresLocation a, Watching w, string n, RunProgress p, TimeProvider t, CancellationToken c) => throw new NotSupportedException(); }
}

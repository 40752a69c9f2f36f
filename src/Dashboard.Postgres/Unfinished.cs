#pragma warning disable
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Tools;

namespace Dashboard.Postgres.Tools { internal sealed class FindTools(string? f) { } }
namespace Dashboard.Postgres.Locations
{
    internal static class LocationForm { public static IReadOnlyList<LocationPart> Parts => []; public static string Compose(IReadOnlyDictionary<string, string> p) => ""; public static IReadOnlyDictionary<string, string>? Split(string l) => null; }
    internal static class CheckLocation { public static Task<LocationCheck> RunAsync(string l, Watching w, FindTools t, CancellationToken c) => throw new NotSupportedException(); }
}
namespace Dashboard.Postgres.Backups
{
    internal sealed class WriteBackup(PostgresLocation a, Watching w, FindTools t, BackupStaging s, RunProgress p) { public Task<BackupContent> RunAsync(CancellationToken c) => throw new NotSupportedException(); }
    internal static class EstimateBackup { public static Task<BackupEstimate> RunAsync(PostgresLocation a, Watching w, CancellationToken c) => throw new NotSupportedException(); }
    internal static class CheckArchive { public static Task<CopyCheck> RunAsync(Stream s, IReadOnlyList<TableRows>? e, FindTools t, CancellationToken c) => throw new NotSupportedException(); public static Task<CopyCheck> RunAsync(string s, IReadOnlyList<TableRows>? e, FindTools t, RunProgress p, CancellationToken c) => throw new NotSupportedException(); }
}
namespace Dashboard.Postgres.Restores
{
    internal static class LookAhead { public static Task<RestoreOutlook> RunAsync(PostgresLocation a, long b, IReadOnlyDictionary<string, string> i, Watching w, FindTools t, CancellationToken c) => throw new NotSupportedException(); }
    internal sealed class RestoreBeside(PostgresLocation a, RestoreWork k, Watching w, FindTools t, RunProgress p, TimeProvider time) { public Task<RestoreResult> RunAsync(CancellationToken c) => throw new NotSupportedException(); }
    internal static class TraceRestore { public static Task<RestoreTrace> RunAsync(PostgresLocation a, string k, Watching w, CancellationToken c) => throw new NotSupportedException(); }
    internal static class RestoreAsCopy { public static Task<string> RunAsync(PostgresLocation a, string f, string l, Watching w, FindTools t, RunProgress p, CancellationToken c) => throw new NotSupportedException(); public static Task<string?> FindAsync(PostgresLocation a, string l, Watching w, CancellationToken c) => throw new NotSupportedException(); }
    internal static class Kept { public static ContentPlace? Place(PostgresLocation a, DateTimeOffset n) => null; public static Task<IReadOnlyList<KeptContent>> ListAsync(PostgresLocation a, Watching w, CancellationToken c) => throw new NotSupportedException(); public static Task<bool> DropAsync(PostgresLocation a, ContentPlace k, Watching w, CancellationToken c) => throw new NotSupportedException(); }
}

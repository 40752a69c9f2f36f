using Dashboard.Core.Health;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Health;

/// <summary>Whether the server's version still gets fixes, and is none with a known fault.</summary>
internal sealed class ServerVersionCheck(Watching watching, TimeProvider time) : PostgresCheck(watching)
{
    /// <summary>Day of the last release of each major version (https://www.postgresql.org/support/versioning).</summary>
    private static readonly Dictionary<int, DateOnly> LastRelease = new()
    {
        [12] = new(2024, 11, 21),
        [13] = new(2025, 11, 13),
        [14] = new(2026, 11, 12),
        [15] = new(2027, 11, 11),
        [16] = new(2028, 11, 9),
        [17] = new(2029, 11, 8),
        [18] = new(2030, 11, 14),
    };

    /// <summary>The first release of each major version with the fixes of August 2025: a crafted name could run SQL when a dump is restored (CVE-2025-8714, CVE-2025-8715).</summary>
    private static readonly Dictionary<int, int> FirstWithSafeDumps = new() { [13] = 22, [14] = 19, [15] = 14, [16] = 10, [17] = 6 };

    /// <summary>Before 14.4 an index that was built CONCURRENTLY could miss rows (https://www.postgresql.org/docs/release/14.4).</summary>
    private const int FirstOf14WithSoundIndexes = 4;

    public override HealthDescription Description { get; } = new(
        "version",
        "Version of PostgreSQL",
        "Whether the makers of PostgreSQL still mend this version, and whether it is one with a known fault.",
        IsCritical: false)
    {
        NeedsOpenDatabase = true,
    };

    protected override async Task<HealthAnswer> LookAsync(NpgsqlConnection connection, HealthValues values, CancellationToken cancellationToken) =>
        Judge(await connection.AskAsync<int>("SELECT current_setting('server_version_num')::int", cancellationToken), DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));

    /// <param name="number">As server_version_num says: 150018.</param>
    internal static HealthAnswer Judge(int number, DateOnly today)
    {
        var (major, minor) = (number / 10000, number % 10000);
        var words = $"The server is PostgreSQL {major}.{minor}";
        var ends = LastRelease.GetValueOrDefault(major, major < LastRelease.Keys.Min() ? DateOnly.MinValue : DateOnly.MaxValue);
        return major == 14 && minor < FirstOf14WithSoundIndexes ? HealthAnswer.Fail($"{words}: an index that it built beside its table may miss rows.", "Update it to 14.4 or later, then rebuild the indexes under Maintenance.")
            : today > ends ? HealthAnswer.Warn($"{words}, which gets no more fixes{(ends == DateOnly.MinValue ? "" : $" since {ends:yyyy-MM-dd}")}.", "Plan the step to a newer major version.")
            : FirstWithSafeDumps.TryGetValue(major, out var safe) && minor < safe ? HealthAnswer.Warn($"{words}: a crafted name in it could run SQL when its dump is restored.", $"Update it to {major}.{safe} or later.")
            : HealthAnswer.Pass($"{words}{(ends == DateOnly.MaxValue ? "" : $", mended until {ends:yyyy-MM-dd}")}.");
    }
}

using System.Diagnostics.CodeAnalysis;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Core.Maintenance;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Schemas;
using Npgsql;

namespace Dashboard.Postgres.Maintenance;

/// <summary>
/// Reads indexes for damage with amcheck (https://www.postgresql.org/docs/current/amcheck.html): whether their entries are in order, and in depth whether
/// every level fits the one above it and every row is in the index. Changes nothing.
/// </summary>
internal abstract class IndexCheckTask(Watching watching) : PostgresTask(watching), IAimedTask
{
    /// <summary>
    /// The schema of amcheck here, whether the server could have it, whether this login may call it, and whether it could create the extension itself, as a restore must.
    /// </summary>
    private const string Question =
        """
        SELECT (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'amcheck'),
               EXISTS (SELECT FROM pg_available_extensions WHERE name = 'amcheck'),
               coalesce((
                   SELECT bool_and(has_function_privilege(p.oid, 'EXECUTE') AND has_schema_privilege(p.pronamespace, 'USAGE'))
                   FROM pg_proc p
                   JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
                   JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'amcheck'
                   WHERE p.proname = $1), false),
               (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
                   OR EXISTS (SELECT FROM pg_available_extension_versions WHERE name = 'amcheck' AND trusted)
        """;

    /// <summary>Only a superuser can create it (it is not trusted), and a restore begins with that.</summary>
    private const string NotRestorable = "Backups taken while amcheck is installed need a superuser's login to be restored.";

    /// <summary>"bt_index_check".</summary>
    protected abstract string Function { get; }

    /// <summary>With its arguments after the index $1.</summary>
    protected abstract string Call { get; }

    public Task<IReadOnlyList<MaintenanceTarget>> ListTargetsAsync(string location, CancellationToken cancellationToken) => WatchAsync<IReadOnlyList<MaintenanceTarget>>(
        location,
        async connection => [.. OwnIndexes.Targets(await ReadAsync(connection, cancellationToken))],
        cancellationToken);

    public Task<MaintenanceResult> RunAsync(string location, string target, RunProgress progress, CancellationToken cancellationToken) =>
        RunInSessionAsync(location, progress, session => RunAsync(session, target, progress, cancellationToken), cancellationToken);

    protected override async Task<MaintenanceOutlook> LookAheadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var (schema, isAvailable, mayCall, mayCreate) = await FindAsync(connection, cancellationToken);
        if (schema is null)
        {
            return MaintenanceOutlook.Refused(
                "The extension amcheck is not in this database.",
                (isAvailable ? "Ask a server admin to run CREATE EXTENSION amcheck." : "Install the server's package of additional modules (postgresql-contrib), then ask a server admin to run CREATE EXTENSION amcheck.")
                    + (mayCreate ? "" : $" {NotRestorable} Have it dropped after the check: DROP EXTENSION amcheck."));
        }

        if (!mayCall)
        {
            return MaintenanceOutlook.Refused("This login may not call amcheck.", $"Let an admin run: GRANT EXECUTE ON FUNCTION {Function} TO this login, for each form of it.");
        }

        var indexes = await ReadAsync(connection, cancellationToken);
        return indexes.Count == 0
            ? new MaintenanceOutlook(MaintenanceWorth.No, "There is no index that amcheck can read.")
            : new MaintenanceOutlook(MaintenanceWorth.Unknown, $"Reads {Indexes(indexes.Count)} of {Words.Bytes(indexes.Sum(index => index.Bytes))}.{(mayCreate ? "" : $" {NotRestorable}")}");
    }

    protected override Task<MaintenanceResult> RunAsync(MaintenanceSession session, RunProgress progress, CancellationToken cancellationToken) => RunAsync(session, null, progress, cancellationToken);

    /// <param name="target">Null for all.</param>
    [SuppressMessage("Security", "CA2100", Justification = "A name can't be a parameter; it is quoted.")]
    private async Task<MaintenanceResult> RunAsync(MaintenanceSession first, string? target, RunProgress progress, CancellationToken cancellationToken)
    {
        var (schema, _, _, _) = await FindAsync(first.Connection, cancellationToken);
        var all = await ReadAsync(first.Connection, cancellationToken);
        var indexes = target is null ? all : OwnIndexes.Choose(all, target);
        progress.Phase("Checking", indexes.Sum(index => index.Bytes));
        var (bytes, number, gone) = (0L, 0, 0);
        List<string> damaged = [];
        List<string> left = [];
        var connection = first.Connection;
        try
        {
            foreach (var index in indexes)
            {
                progress.Log($"{index.Name} ({++number} of {indexes.Count})");
                try
                {
                    await using var command = connection.Command($"SELECT {TableName.Quote(schema ?? "public")}.{Call}", index.Name.ToSql());
                    await command.ExecuteNonQueryAsync(cancellationToken);
                }
                catch (PostgresException fault) when (fault.SqlState is PostgresErrorCodes.IndexCorrupted or PostgresErrorCodes.DataCorrupted)
                {
                    damaged.Add($"{index.Name}: {fault.MessageText}");

                    // The driver gives a connection up that has heard of damage.
                    await connection.DisposeAsync();
                    connection = await OpenSessionAsync(first.At, first.Watching, cancellationToken);
                }
                catch (PostgresException fault) when (fault.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedObject)
                {
                    gone++;
                }
                catch (PostgresException fault) when (!cancellationToken.IsCancellationRequested && fault.Severity != "FATAL")
                {
                    left.Add($"{index.Name}: {fault.MessageText}");
                }

                progress.Report(bytes += index.Bytes);
            }
        }
        finally
        {
            await connection.DisposeAsync();
        }

        var sentence = $"Checked {Indexes(indexes.Count - left.Count - gone)}.";
        if (damaged.Count > 0)
        {
            return new MaintenanceResult(
                sentence,
                $"{Indexes(damaged.Count)} {(damaged.Count == 1 ? "is" : "are")} damaged: {damaged[0]}.",
                "Rebuild what is named, with “Rebuild indexes” and only that one. If a unique index is among them, look for rows that it should have refused. Then look for the cause: a disk, the memory, or a sort order that changed with the system's libraries.",
                IsDamage: true)
            {
                Findings = [.. damaged, .. left],
            };
        }

        return left.Count == 0
            ? new MaintenanceResult($"Sound: {Indexes(indexes.Count - gone)} checked.")
            : new MaintenanceResult(sentence, $"{Indexes(left.Count)} could not be checked.", "Read what the server says of each, below.") { Findings = left };
    }

    private async Task<(string? Schema, bool IsAvailable, bool MayCall, bool MayCreate)> FindAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (await connection.ListAsync(Question, row => (row.IsDBNull(0) ? null : row.GetString(0), row.GetBoolean(1), row.GetBoolean(2), row.GetBoolean(3)), cancellationToken, Function))[0];

    /// <summary>amcheck knows trees, and those that were built to their end.</summary>
    private static async Task<List<OwnIndex>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        [.. (await OwnIndexes.ReadAsync(connection, cancellationToken)).Where(index => index is { IsTree: true, IsValid: true })];
}

/// <summary>While everybody goes on.</summary>
internal sealed class QuickIndexCheckTask(Watching watching) : IndexCheckTask(watching)
{
    public override MaintenanceDescription Description { get; } = new(
        "index-check",
        "Check indexes",
        "Check the indexes of {0}",
        "Reads every index and looks whether its entries are in order. It finds indexes that no longer fit, from a bad disk or from a sort order that changed with the system.",
        "Nobody who reads or writes rows waits.",
        "No room. As long as reading the indexes once.");

    protected override bool WorksOnStandby => true;

    protected override string Function => "bt_index_check";

    protected override string Call => "bt_index_check($1::text::regclass, false)";
}

/// <summary>With the rows and the levels of the tree.</summary>
internal sealed class DeepIndexCheckTask(Watching watching) : IndexCheckTask(watching)
{
    public override MaintenanceDescription Description { get; } = new(
        "index-check-deep",
        "Check indexes in depth",
        "Check the indexes of {0} in depth",
        "Looks besides whether each level of an index fits the one above it, and whether every row is in the index.",
        "Whoever writes to a table waits while one of its indexes is checked; readers go on.",
        "Some memory of the server. As long as reading each table once for each of its indexes.",
        IsForAll: false)
    {
        CanBeScheduled = true,
    };

    protected override string Function => "bt_index_parent_check";

    protected override string Call => "bt_index_parent_check($1::text::regclass, true)";
}

using Dashboard.Core.Access;
using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Microsoft.Extensions.Options;

namespace Dashboard.Core.Retention;

/// <summary>What a rule would find: the columns of a table, and what a run would remove now. Changes nothing.</summary>
public sealed class LookAtRows(EngineCatalog engines, IOptionsMonitor<DashboardOptions> options, TimeProvider time)
{
    /// <summary>A person waits for it; a run counts for as long as it takes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly string[] LogWords = ["log", "event", "audit", "history", "trace", "journal", "activity", "metric"];

    /// <summary>For a table that looks like a log: 90, or LOG_RETENTION_DAYS. A year for others, which nobody should empty by accepting what is offered.</summary>
    public int UsualDays(string table) => LooksLikeLog(table) ? options.CurrentValue.LogRetentionDays : Math.Max(365, options.CurrentValue.LogRetentionDays);

    /// <summary>Whether the name of the table says that it is one.</summary>
    public static bool LooksLikeLog(string table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return LogWords.Any(word => table.Contains(word, StringComparison.OrdinalIgnoreCase) && !table.Contains("login", StringComparison.OrdinalIgnoreCase) && !table.Contains("catalog", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether rules can be made for a database.</summary>
    public bool CanKeep(Database database)
    {
        ArgumentNullException.ThrowIfNull(database);
        return !database.IsOwnStore && engines.For(database) is IKeepsRows;
    }

    /// <summary>The tables that a rule can be made for, those that look like logs first.</summary>
    /// <exception cref="DatabaseException">When the database can't be looked at.</exception>
    public async Task<IReadOnlyList<string>> ListTablesAsync(Actor actor, Database database, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        Permit.Demand(actor, Verb.SeeDatabases, database.Subject);
        var list = await engines.For(database).ReadTablesAsync(database.Location, TimeSpan.Zero, cancellationToken);
        return [.. list.Tables.Select(table => table.Name).OrderByDescending(LooksLikeLog).ThenBy(name => name, StringComparer.OrdinalIgnoreCase)];
    }

    /// <exception cref="DatabaseException">When the database can't be looked at.</exception>
    public Task<RowTable> ReadTableAsync(Actor actor, Database database, string table, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        Permit.Demand(actor, Verb.SeeDatabases, database.Subject);
        return EngineOf(database).LookAtRowsAsync(database.Location, table, cancellationToken);
    }

    /// <summary>What a run of the rule would do now, whether the rule is saved or not.</summary>
    /// <exception cref="DatabaseException">When the rule can't be, or the database can't be asked.</exception>
    public async Task<RowOutlook> PreviewAsync(Actor actor, Database database, RowRule rule, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        Permit.Demand(actor, Verb.EditRowRule, database.Subject);
        await DemandAsync(database, rule, cancellationToken);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            return await ReadAsync(database, rule, patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DatabaseException($"The rows of {rule.Table} could not be counted within {Words.Duration(Patience)}.", "Save the rule and run it: a run counts for as long as it takes, and stops before it begins when more than its share would go.");
        }
    }

    internal IKeepsRows EngineOf(Database database) =>
        CanKeep(database) ? (IKeepsRows)engines.For(database) : throw new DatabaseException(database.IsOwnStore ? "The dashboard's own store is kept in order by its settings." : "Rows of this kind of database can't be removed by their age here.");

    internal async Task<RowOutlook> ReadAsync(Database database, RowRule rule, CancellationToken cancellationToken)
    {
        var engine = EngineOf(database);
        var now = time.GetUtcNow();
        var clock = await engine.ReadClockAsync(database.Location, new RowTime(rule.Table, rule.Column, rule.Kind, RowCutoff.OffsetAround(now, rule.Zone)), cancellationToken);
        var cutoff = RowCutoff.Of(now, clock, rule.Days, rule.Zone);
        var selection = Select(rule, cutoff);
        return new RowOutlook(cutoff, selection, await engine.PreviewAsync(database.Location, selection, cancellationToken));
    }

    internal static RowSelection Select(RowRule rule, RowCutoff cutoff) => new(
        new RowTime(rule.Table, rule.Column, rule.Kind, cutoff.Offset),
        cutoff.At,
        rule.Condition,
        rule.LetsKeysAct,
        rule.Archive == ArchiveKind.Table ? rule.ArchiveTable : null);

    /// <summary>Everything that a rule must be, looked at before it is saved and again before each run.</summary>
    /// <exception cref="DatabaseException">With what is wrong first.</exception>
    internal async Task DemandAsync(Database database, RowRule rule, CancellationToken cancellationToken)
    {
        var engine = EngineOf(database);
        Demand(rule.Days is >= 1 and <= 36_500, "Give the days to keep: 1 to 36,500.");
        Demand(rule.MostPercent is >= 1 and <= 100, "Give the share that may go at most: 1 to 100 %.");
        Demand(rule.PurgeDays is null || rule.Archive != ArchiveKind.None, "Without an archive there is nothing to purge from it.");
        Demand(rule.PurgeDays is null || rule.PurgeDays > rule.Days, $"The archive must keep rows longer than the table does: more than {rule.Days} days.");
        Demand(TimeZoneInfo.TryFindSystemTimeZoneById(rule.Zone, out _), $"There is no time zone “{rule.Zone}”. Write it like Europe/Berlin.");
        var table = await engine.LookAtRowsAsync(database.Location, rule.Table, cancellationToken);
        Demand(table.Refusal is null, table.Refusal!);
        Demand(table.Columns.Any(column => column.Name == rule.Column), $"{rule.Table} has no column “{rule.Column}” that could hold a time.");
        Demand(table.Kinds.Contains(rule.Kind), "This kind of database has no such kind of time.");
        if (rule.Archive == ArchiveKind.Table)
        {
            Demand(!string.IsNullOrWhiteSpace(rule.ArchiveTable) && rule.ArchiveTable.Length <= 60, "Give the name of the archive table, of at most 60 characters.");
            Demand(!string.Equals(rule.ArchiveTable, rule.Table, StringComparison.OrdinalIgnoreCase), "A table can't be its own archive.");
        }

        if (rule.Condition is { } condition && await engine.FindConditionFaultAsync(database.Location, rule.Table, condition, cancellationToken) is { } fault)
        {
            throw new DatabaseException(fault, "Correct the condition: one expression over the columns of the table, such as level = 'debug'.");
        }

        static void Demand(bool holds, string fault)
        {
            if (!holds)
            {
                throw new DatabaseException(fault);
            }
        }
    }
}

/// <summary>What a run would do, and from which moment on rows stay.</summary>
public sealed record RowOutlook(RowCutoff Cutoff, RowSelection Selection, RowPreview Preview);

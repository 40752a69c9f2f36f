namespace Dashboard.Postgres.Backups;

/// <summary>What everybody may read of a subscription; what it connects with only a superuser may.</summary>
/// <param name="Slot">The replication slot on the publishing server; null when it has none and can't follow.</param>
/// <param name="MayAlter">Whether this login may disable it.</param>
internal sealed record Subscription(string Name, string? Slot, IReadOnlyList<string> Publications, bool IsEnabled, string Owner, bool MayAlter)
{
    public string Quoted => Schemas.TableName.Quote(Name);

    private string SlotWords => Slot is null ? "NONE" : $"'{Slot.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>For a database that knows its tables: what was published since the slot was left comes then.</summary>
    public string EnableSteps => $"ALTER SUBSCRIPTION {Quoted} ENABLE;";

    /// <summary>
    /// For a database that does not know its tables. REFRESH needs it enabled, and enabled without tables it would take what is published and throw it away:
    /// so it is given a slot that does not exist until the tables are known. copy_data would copy rows that are there.
    /// </summary>
    public IReadOnlyList<string> LearnTablesSteps =>
    [
        $"ALTER SUBSCRIPTION {Quoted} SET (slot_name = 'dashboard_no_slot');",
        $"ALTER SUBSCRIPTION {Quoted} ENABLE;",
        $"ALTER SUBSCRIPTION {Quoted} REFRESH PUBLICATION WITH (copy_data = false);",
        $"ALTER SUBSCRIPTION {Quoted} DISABLE;",
        $"ALTER SUBSCRIPTION {Quoted} SET (slot_name = {SlotWords});",
    ];

    /// <summary>For a database that has no such subscription. What it connects with stands in the previous database, or with whoever set it up.</summary>
    public string CreateSteps =>
        $"CREATE SUBSCRIPTION {Quoted} CONNECTION '…' PUBLICATION {string.Join(", ", Publications.Select(Schemas.TableName.Quote))} WITH (create_slot = false, slot_name = {SlotWords}, copy_data = false);";

    public string RemoveSteps => $"ALTER SUBSCRIPTION {Quoted} DISABLE; ALTER SUBSCRIPTION {Quoted} SET (slot_name = NONE); DROP SUBSCRIPTION {Quoted};";
}

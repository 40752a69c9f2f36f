using Dashboard.Core.Databases;

namespace Dashboard.Trials.Postgres;

/// <summary>What a restore has set aside and an undo can bring back.</summary>
/// <param name="Restore">The restore that is undone.</param>
/// <param name="Name">Of the database that is kept.</param>
internal sealed record KeptLedger(Guid Restore, string Name, string State);

/// <summary>How long the parts of its work last when nothing happens.</summary>
/// <param name="Restore">Until the names are about to be changed,</param>
/// <param name="Swap">and from there to the end.</param>
internal sealed record UsualLengths(TimeSpan Dump, TimeSpan Restore, TimeSpan Swap, TimeSpan Undo);

/// <summary>A registered ledger on PostgreSQL with an application that writes into it.</summary>
/// <param name="database">Its name on the server.</param>
/// <param name="writer">Null where nobody writes.</param>
internal sealed class PostgresTarget(Database registered, string database, string backupFolder, PostgresWriter? writer) : IAsyncDisposable
{
    public Database Registered => registered;

    public string Database => database;

    public string BackupFolder => backupFolder;

    public PostgresWriter? Writer => writer;

    /// <summary>A backup of each state.</summary>
    public Dictionary<string, Guid> Backups { get; } = [];

    /// <summary>Newest last.</summary>
    public List<KeptLedger> Kept { get; } = [];

    public UsualLengths Usual { get; set; } = new(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);

    public IReadOnlyList<long> TakeCommitted() => writer?.TakeCommitted() ?? [];

    public ValueTask DisposeAsync() => writer?.DisposeAsync() ?? ValueTask.CompletedTask;
}

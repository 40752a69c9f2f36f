using Dashboard.Core.Jobs;

namespace Dashboard.Core.Maintenance;

/// <summary>Implemented beside <see cref="IMaintained"/> by an engine in whose databases a row can name a parent that is not there.</summary>
public interface IOrphanage
{
    /// <summary>Key of the task that finds them.</summary>
    string CheckTask { get; }

    /// <summary>Of the file that keeps what was removed, with its dot: ".sql".</summary>
    string KeptExtension { get; }

    /// <summary>What a removal at this moment would take. Changes nothing, and takes no lock that a writer feels.</summary>
    /// <exception cref="Databases.DatabaseException">When the database can't be looked at, or it can't be told which rows they are.</exception>
    Task<OrphanList> FindOrphansAsync(string location, RunProgress progress, CancellationToken cancellationToken);

    /// <summary>
    /// Removes them, and what loses its parent with them, until no row is left that names a parent which is not there: in one transaction.
    /// A row whose foreign key says that it survives its parent (ON DELETE SET NULL) stays, and the columns of that key are emptied.
    /// </summary>
    /// <remarks>
    /// Before it commits, <paramref name="keep"/> holds the removed rows and the emptied keys, whole and synced, in a form that brings them back with the engine's own tools.
    /// Failed or cancelled it has removed no row and leaves no file; killed, no row or all of them are gone and the file may stay.
    /// </remarks>
    /// <param name="keep">Full path of a file that does not exist.</param>
    /// <param name="most">What a person has agreed to.</param>
    /// <exception cref="Databases.DatabaseException">When it would be more than <paramref name="most"/>, and as in <see cref="FindOrphansAsync"/>.</exception>
    Task<OrphanList> RemoveOrphansAsync(string location, string keep, OrphanCount most, RunProgress progress, CancellationToken cancellationToken);
}

/// <param name="Groups">By table and parent. A row that lacks two parents is counted with the first.</param>
/// <param name="Left">What can't be removed from here, a sentence each: its table of parents is not there, say.</param>
public sealed record OrphanList(IReadOnlyList<OrphanGroup> Groups, IReadOnlyList<string> Left)
{
    /// <summary>Triggers of the application may make new orphans; one that does so for longer is told.</summary>
    public const int MostRounds = 20;

    public OrphanCount Count => new(Groups.Where(group => group.Emptied is null).Sum(group => group.Rows), Groups.Where(group => group.Emptied is not null).Sum(group => group.Rows));

    /// <summary>In words, the tables that lose rows; or those of which rows stay with an empty key.</summary>
    public string Tables(bool areEmptied) => Databases.Words.List([.. Groups.Where(group => group.Emptied is not null == areEmptied).Select(group => group.Table).Distinct()]);

    /// <exception cref="Databases.DatabaseException">When these are more rows than a person has agreed to.</exception>
    public void DemandAtMost(OrphanCount most)
    {
        const string NextStep = "Look at the rows again: somebody has written since.";
        if (Count.Removed > most.Removed)
        {
            throw new Databases.DatabaseException($"{Databases.Words.Count(Count.Removed, "row")} would be removed now, and {Databases.Words.Count(most.Removed)} were agreed to. Nothing was removed.", NextStep);
        }

        if (Count.Emptied > most.Emptied)
        {
            throw new Databases.DatabaseException($"The key of {Databases.Words.Count(Count.Emptied, "row")} would be emptied now, and {Databases.Words.Count(most.Emptied)} were agreed to. Nothing was changed.", NextStep);
        }
    }

    /// <summary>When the database refuses to empty a key.</summary>
    /// <param name="why">As the database says it.</param>
    public static Databases.DatabaseException CannotEmpty(string table, string columns, string why, Exception fault) =>
        new($"{columns} of {table} can't be emptied: {why.TrimEnd('.')}. Nothing was changed.", "Let the application decide about these rows: remove them there, or give them another parent.", fault);

    /// <exception cref="Databases.DatabaseException">After <see cref="MostRounds"/> rounds that each found orphans.</exception>
    public static void DemandAnEnd(int round)
    {
        if (round > MostRounds)
        {
            throw new Databases.DatabaseException("Each removal leaves new orphans. Nothing was removed.", "A trigger of the application makes or keeps them: remove them there.");
        }
    }
}

/// <summary>How many rows go, and how many stay with an empty key.</summary>
public readonly record struct OrphanCount(long Removed, long Emptied)
{
    public bool IsNothing => Removed + Emptied == 0;
}

/// <param name="GoesAlong">Whether these rows have their parent now, and lose it with the removal.</param>
public sealed record OrphanGroup(string Table, string Parent, long Rows, bool GoesAlong)
{
    /// <summary>The columns that are emptied, in words, of rows that stay; null of rows that are removed.</summary>
    public string? Emptied { get; init; }

    /// <summary>Why these rows are removed although their foreign key says that they stay, as half a sentence; otherwise null.</summary>
    public string? Although { get; init; }

    /// <summary>What <see cref="Although"/> says of a foreign key; null where nothing is to be said.</summary>
    /// <param name="survives">Whether it says that the row stays when its parent goes.</param>
    /// <param name="canBeEmpty">Whether all of its columns may hold nothing.</param>
    /// <param name="hasDefault">Whether it says that a default takes its place, and there is one.</param>
    public static string? WhyNotEmptied(bool survives, bool canBeEmpty, bool hasDefault) =>
        !survives ? null
            : hasDefault ? "a default is not set from here"
            : canBeEmpty ? null
            : "its key can't be empty";

    public override string ToString() =>
        $"{Table} → {Parent}: {Databases.Words.Count(Rows, "row")}{(GoesAlong ? ", whose parent is removed" : "")}{(Emptied is null ? "" : $": {Emptied} emptied")}";
}

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
    /// </summary>
    /// <remarks>
    /// Before it commits, <paramref name="keep"/> holds the removed rows, whole and synced, in a form that brings them back with the engine's own tools.
    /// Failed or cancelled it has removed no row and leaves no file; killed, no row or all of them are gone and the file may stay.
    /// </remarks>
    /// <param name="keep">Full path of a file that does not exist.</param>
    /// <param name="most">The number of rows that a person has agreed to.</param>
    /// <exception cref="Databases.DatabaseException">When it would be more than <paramref name="most"/>, and as in <see cref="FindOrphansAsync"/>.</exception>
    Task<OrphanList> RemoveOrphansAsync(string location, string keep, long most, RunProgress progress, CancellationToken cancellationToken);
}

/// <param name="Groups">By table and parent. A row that lacks two parents is counted with the first.</param>
/// <param name="Left">What can't be removed from here, a sentence each: its table of parents is not there, say.</param>
public sealed record OrphanList(IReadOnlyList<OrphanGroup> Groups, IReadOnlyList<string> Left)
{
    /// <summary>Triggers of the application may make new orphans; one that does so for longer is told.</summary>
    public const int MostRounds = 20;

    public long Rows => Groups.Sum(group => group.Rows);

    /// <exception cref="Databases.DatabaseException">When these are more rows than a person has agreed to.</exception>
    public void DemandAtMost(long most)
    {
        if (Rows > most)
        {
            throw new Databases.DatabaseException($"{Databases.Words.Count(Rows, "row")} would be removed now, and {Databases.Words.Count(most)} were agreed to. Nothing was removed.", "Look at the rows again: somebody has written since.");
        }
    }

    /// <exception cref="Databases.DatabaseException">After <see cref="MostRounds"/> rounds that each found orphans.</exception>
    public static void DemandAnEnd(int round)
    {
        if (round > MostRounds)
        {
            throw new Databases.DatabaseException("Each removal leaves new orphans. Nothing was removed.", "A trigger of the application makes or keeps them: remove them there.");
        }
    }
}

/// <param name="GoesAlong">Whether these rows have their parent now, and lose it with the removal.</param>
public sealed record OrphanGroup(string Table, string Parent, long Rows, bool GoesAlong)
{
    public override string ToString() => $"{Table} → {Parent}: {Databases.Words.Count(Rows, "row")}{(GoesAlong ? ", whose parent is removed" : "")}";
}

namespace Dashboard.Core.Databases;

/// <summary>A database without any table is rarely the one that is meant: a mistyped name, or an application that keeps its data elsewhere.</summary>
public static class EmptyDatabase
{
    public const string Sentence = "The database has no table. Is it the right one?";

    /// <summary>For a backup, which is whole and of little use.</summary>
    public static IEnumerable<string> NotesOf(long tables) => tables == 0 ? [Sentence] : [];
}

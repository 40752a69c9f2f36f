using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Schemas;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Integrity;

/// <summary>What no check can look into here, because it needs something that only its application has.</summary>
/// <param name="Sentences">Each of it by name, with what is missing.</param>
/// <param name="Tables">Ordinary tables that SQLite's own check refuses: they or one of their indexes lack something.</param>
/// <param name="VirtualTables">Virtual tables that can't be opened or searched.</param>
internal sealed record Unchecked(IReadOnlyList<string> Sentences, IReadOnlySet<string> Tables, IReadOnlySet<string> VirtualTables)
{
    public bool IsNothing => Tables.Count == 0 && VirtualTables.Count == 0;
}

/// <summary>Finds it before anything is checked: SQLite stops at the first, and says nothing of the others.</summary>
internal static class FindUnchecked
{
    public static Unchecked Run(SqliteConnection connection, IReadOnlyList<VirtualTable> virtualTables)
    {
        HashSet<string> closed = new(StringComparer.Ordinal);
        HashSet<string> refused = new(StringComparer.Ordinal);
        List<string> sentences = [];
        foreach (var table in virtualTables)
        {
            if (table.FindFault(connection) is { } fault)
            {
                closed.Add(table.Name);
                sentences.Add(Sentence($"virtual table {table.Name}", fault));
            }
        }

        var faults = FindRefused(connection, closed.Count > 0).ToList();
        refused.UnionWith(faults.Select(fault => fault.Table));
        var lacks = (faults.Count == 0 ? [] : ReplaySchema.Run(connection)).Where(lack => lack.Parts.Count > 0).ToLookup(lack => lack.Table, StringComparer.Ordinal);
        sentences.AddRange(faults.SelectMany(fault => Name(connection, fault.Table, fault.Fault, [.. lacks[fault.Table]])));
        return new Unchecked(sentences, refused, closed);
    }

    /// <summary>The replay knows each index and each part. What it makes without them names itself when it is compiled: an index, or else the table.</summary>
    private static IEnumerable<string> Name(SqliteConnection connection, string table, SqliteException fault, IReadOnlyList<Lack> lacks)
    {
        if (lacks.Count > 0)
        {
            return lacks.Select(lack => Sentence(lack.What, lack.Parts));
        }

        var indexes = connection.ReadRows("SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = $table AND sql IS NOT NULL ORDER BY name", row => row.GetString(0), ("$table", table))
            .Select(index => (Name: index, Fault: Prepare.FindFault(connection, $"REINDEX main.{SqliteStatements.Quoted(index)}")))
            .Where(index => index.Fault is not null)
            .Select(index => Sentence($"index {index.Name}", index.Fault!))
            .ToList();
        return indexes.Count > 0 ? indexes : [Sentence($"table {table}", fault)];
    }

    private static IEnumerable<(string Table, SqliteException Fault)> FindRefused(SqliteConnection connection, bool isWholeRefused)
    {
        // One question where nothing is missing; a virtual table that can't be opened has it refused for all.
        if (!isWholeRefused && Prepare.FindFault(connection, "PRAGMA main.integrity_check") is null)
        {
            yield break;
        }

        foreach (var table in OrdinaryTables(connection))
        {
            if (Prepare.FindFault(connection, $"PRAGMA main.integrity_check({SqliteStatements.Quoted(table)})") is { } fault)
            {
                yield return (table, fault);
            }
        }
    }

    /// <summary>Those with pages of their own, also where a virtual table keeps its content in them.</summary>
    public static IReadOnlyList<string> OrdinaryTables(SqliteConnection connection) => connection.ReadTexts(
        """
        SELECT name
        FROM pragma_table_list
        WHERE schema = 'main'
            AND type IN ('table', 'shadow')
        ORDER BY name
        """);

    private static string Sentence(string what, SqliteException fault) =>
        MissingPart.Of(fault) is { } part ? Sentence(what, [part]) : $"Could not check {what}: {SqliteErrors.Said(fault)}.";

    private static string Sentence(string what, IReadOnlyList<MissingPart> parts) =>
        $"Could not check {what}: {string.Join(" and ", parts)} {(parts.Count == 1 ? "is" : "are")} not known here, only to its application.";
}

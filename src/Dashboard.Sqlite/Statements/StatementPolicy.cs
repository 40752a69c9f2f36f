using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Statements;

/// <summary>What a statement that a person typed may do. Nothing that is not named here: an extension is never loaded, whatever asks for it.</summary>
/// <param name="Functions">By name.</param>
/// <param name="Pragmas">Those that only tell.</param>
/// <param name="Recurses">Whether a WITH may refer to itself.</param>
internal sealed record StatementPolicy(IReadOnlySet<string> Functions, IReadOnlySet<string> Pragmas, bool Recurses)
{
    /// <summary>What full-text and r-tree tables ask SQLite themselves when they are read.</summary>
    private static readonly string[] OfVirtualTables = ["data_version", "page_size"];

    private static readonly string[] Telling =
    [
        "foreign_key_check", "foreign_key_list", "integrity_check", "quick_check", "table_list", "table_info", "table_xinfo", "index_list", "index_info", "index_xinfo",
    ];

    /// <summary>They compute, or tell of this connection; their answer may be another each time.</summary>
    private static readonly string[] Reporting =
    [
        "avg", "changes", "count", "cume_dist", "current_date", "current_time", "current_timestamp", "dense_rank", "first_value", "group_concat", "lag", "last_insert_rowid", "last_value", "lead",
        "max", "min", "nth_value", "ntile", "percent_rank", "random", "randomblob", "rank", "row_number", "sqlite_compileoption_get", "sqlite_compileoption_used", "sqlite_source_id",
        "sqlite_version", "string_agg", "sum", "total", "total_changes",
    ];

    /// <summary>Of full-text and r-tree tables. Not "optimize", which writes, nor "fts5" and "fts3_tokenizer", which hand out addresses in memory.</summary>
    private static readonly string[] OfSearch =
    [
        "bm25", "fts5_get_locale", "fts5_insttoken", "fts5_locale", "fts5_source_id", "highlight", "match", "matchinfo", "offsets", "snippet",
        "geopoly_area", "geopoly_bbox", "geopoly_blob", "geopoly_ccw", "geopoly_contains_point", "geopoly_group_bbox", "geopoly_json", "geopoly_overlap", "geopoly_regular", "geopoly_svg",
        "geopoly_within", "geopoly_xform", "rtreecheck", "rtreedepth", "rtreenode",
    ];

    /// <summary>What our own statements need around a condition.</summary>
    private static readonly string[] AroundCondition = ["count", "min", "max", "sum", "match"];

    /// <summary>
    /// Built in, of one answer for the same arguments (SQLITE_DETERMINISTIC), and not kept for direct use (SQLITE_DIRECTONLY), but for the one that writes to a log.
    /// Those of this library, so asked once.
    /// </summary>
    private static readonly Lazy<IReadOnlyList<string>> Computing = new(() =>
    {
        using var connection = new SqliteConnection("Data Source=:memory:;Pooling=False");
        connection.Open();
        return connection.ReadTexts(
            """
            SELECT name
            FROM pragma_function_list
            WHERE builtin = 1
                AND flags & 0x800 <> 0
                AND flags & 0x80000 = 0
                AND name <> 'sqlite_log'
            """);
    });

    /// <summary>A question of health, whose answer is shown.</summary>
    public static StatementPolicy Question { get; } = new(Names(Computing.Value, Reporting, OfSearch), Names(OfVirtualTables, Telling), Recurses: true);

    /// <summary>A query whose time is measured.</summary>
    public static StatementPolicy MeasuredQuery { get; } = Question with { Pragmas = Names(OfVirtualTables) };

    /// <summary>A condition that chooses rows to remove: it must give the same answer for the same rows.</summary>
    public static StatementPolicy RowCondition { get; } = new(Names(Computing.Value, AroundCondition), Names(OfVirtualTables), Recurses: false);

    private static HashSet<string> Names(params IEnumerable<string>[] lists) => lists.SelectMany(list => list).ToHashSet(StringComparer.OrdinalIgnoreCase);
}

using System.Text.RegularExpressions;
using Dashboard.Core.Databases;

namespace Dashboard.Postgres.Backups;

/// <summary>
/// Tells from what pg_dump says that the server found a damaged page or value, and in which table. The words are the server's own of bufmgr.c, md.c,
/// toast_internals.c, pg_lzcompress.c and slru.c, which pg_dump passes on without their SQLSTATE; it runs with LC_ALL=C, the server may not:
/// in another language the damage stays pg_dump's own sentence.
/// </summary>
internal static partial class DumpDamage
{
    /// <summary>Null when nothing of it speaks of damage.</summary>
    /// <param name="said">Standard error of pg_dump, line by line.</param>
    public static DatabaseDamagedException? Find(IReadOnlyList<string> said)
    {
        if (!said.Any(line => Damage().IsMatch(line)))
        {
            return null;
        }

        var tables = said.Select(line => Table().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value).Distinct().ToList();
        return new DatabaseDamagedException(
            EngineLines.Reword(DamageWords.Of(tables, said), sentence => $"{sentence} No backup was taken."),
            "Restore the last good backup. Keep the server's data directory as it is until you know what happened.");
    }

    [GeneratedRegex(
        "invalid page in block [0-9]|page verification failed|could not read blocks? [0-9]|(missing|unexpected) chunk number [0-9]"
            + "|compressed (pglz|lz4) data is corrupt|could not access status of transaction [0-9]|could not open file \"(base|pg_tblspc)/",
        RegexOptions.CultureInvariant)]
    private static partial Regex Damage();

    [GeneratedRegex("Dumping the contents of table \"(.+)\" failed", RegexOptions.CultureInvariant)]
    private static partial Regex Table();
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Dashboard.Postgres.Restores;

/// <summary>What databases beside a live one are called. PostgreSQL cuts a name at 63 bytes; a long one is shortened here, so that it stays its own.</summary>
internal static partial class Names
{
    public const string Before = "before";
    public const string Restore = "restore";
    public const string Damaged = "damaged";

    private const int Most = 63;

    /// <summary>"shop__before_20261122t021500z".</summary>
    public static string Beside(string database, string word, DateTimeOffset at) =>
        Fit(database, $"__{word}_{at.UtcDateTime.ToString("yyyyMMdd't'HHmmss'z'", CultureInfo.InvariantCulture)}");

    /// <summary>Of the same restore: the new database of the one that is kept, and the other way round.</summary>
    public static string Twin(string database, string name, string word) =>
        Suffix().Match(name) is { Success: true } match ? Fit(database, $"__{word}_{match.Groups[2].Value}") : throw new ArgumentException($"{name} is of no restore.", nameof(name));

    /// <summary>"shop_restored-20261122-021500-ab12".</summary>
    public static string Copy(string database, string label) => Fit(database, "_" + label);

    /// <summary>While it is being made.</summary>
    public static string UnfinishedCopy(string database, string label) => Fit(database, "__unfinished_" + label);

    /// <summary>What a restore of this database has set aside, and nothing else.</summary>
    public static bool IsKeptOf(string database, string name) =>
        Suffix().Match(name) is { Success: true } match && match.Groups[1].Value is Before or Damaged && name == Fit(database, match.Value);

    /// <summary>What a restore of this database was building.</summary>
    public static bool IsUnfinishedOf(string database, string name) =>
        Suffix().Match(name) is { Success: true } match && match.Groups[1].Value == Restore && name == Fit(database, match.Value);

    /// <summary>What a restore as a copy of this database was building.</summary>
    public static bool IsUnfinishedCopyOf(string database, string name) =>
        UnfinishedSuffix().Match(name) is { Success: true } match && name == Fit(database, match.Value);

    /// <summary>Whatever a restore of any database has made for itself: nothing to be registered.</summary>
    public static bool IsOfRestore(string name) => Suffix().IsMatch(name) || name.Contains("__unfinished_restored-", StringComparison.Ordinal);

    private static string Fit(string database, string suffix)
    {
        if (Encoding.UTF8.GetByteCount(database) + Encoding.UTF8.GetByteCount(suffix) <= Most)
        {
            return database + suffix;
        }

        var mark = "~" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(database)))[..6];
        var room = Most - Encoding.UTF8.GetByteCount(suffix) - mark.Length;
        var text = new StringBuilder();
        foreach (var rune in database.EnumerateRunes())
        {
            if (rune.Utf8SequenceLength > room)
            {
                break;
            }

            room -= rune.Utf8SequenceLength;
            text.Append(rune.ToString());
        }

        return text + mark + suffix;
    }

    [GeneratedRegex(@"__(before|restore|damaged)_(\d{8}t\d{6}z)$")]
    private static partial Regex Suffix();

    [GeneratedRegex(@"__unfinished_restored-\d{8}-\d{6}-[0-9a-f]{4}$")]
    private static partial Regex UnfinishedSuffix();
}

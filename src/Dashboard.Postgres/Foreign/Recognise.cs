using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Postgres.Archives;
using Dashboard.Postgres.Backups;
using Dashboard.Postgres.Tools;

namespace Dashboard.Postgres.Foreign;

/// <summary>What a plain file is, by its first bytes; an archive is asked what it holds.</summary>
internal static partial class Recognise
{
    public const string Accepts = "An archive of pg_dump -Fc, or plain SQL of pg_dump; either may be packed with zstd or gzip.";

    private const int Head = 1 << 16;

    /// <summary>In the eleventh byte of the table of contents of a directory archive, which has the form of one in a tar archive.</summary>
    private const byte TarFormat = 3;

    /// <summary>In which the last words of a dump stand.</summary>
    private const int End = 1 << 12;
    private const string NextStep = "Take the dump with pg_dump --format=custom.";

    /// <summary>What no text holds.</summary>
    private static readonly SearchValues<byte> Controls = SearchValues.Create([.. Enumerable.Range(0, 32).Where(code => code is not (8 or 9 or 10 or 11 or 12 or 13 or 27)).Select(code => (byte)code)]);

    public static async Task<ForeignContent> RunAsync(string file, FindTools tools, CancellationToken cancellationToken)
    {
        var head = new byte[Head];
        int length;
        var end = new byte[End];
        await using (var content = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 0))
        {
            length = await content.ReadAtLeastAsync(head, Head, throwOnEndOfStream: false, cancellationToken);
            content.Position = Math.Max(0, content.Length - End);
            await content.ReadAtLeastAsync(end, End, throwOnEndOfStream: false, cancellationToken);
        }

        if (head.AsSpan(0, length) is [(byte)'P', (byte)'G', (byte)'D', (byte)'M', (byte)'P', _, _, _, _, _, TarFormat, ..])
        {
            throw new DatabaseException("It is the table of contents (toc.dat) of a directory archive (pg_dump -Fd), whose rows are in other files. Only custom (-Fc) and plain SQL are taken in.", NextStep);
        }

        return head.AsSpan(0, length).StartsWith("PGDMP"u8) ? await ReadArchiveAsync(file, tools, cancellationToken)
            : Refuse(head.AsSpan(0, length), end) is { } refusal ? throw refusal
            : new ForeignContent(ForeignKind.Script, "A dump of plain SQL", new Dictionary<string, string>());
    }

    public static DatabaseException RefuseFolder(string folder) => File.Exists(Path.Combine(folder, "toc.dat"))
        ? new DatabaseException($"{folder} is a directory archive (pg_dump -Fd). Only custom (-Fc) and plain SQL are taken in.", NextStep)
        : new DatabaseException($"{folder} is a folder, not a dump.", "Give the path of the file in it.");

    /// <summary>Null when it is a script that looks like one of pg_dump, or like SQL at all.</summary>
    private static DatabaseException? Refuse(ReadOnlySpan<byte> head, ReadOnlySpan<byte> end)
    {
        if (head.Length == 0)
        {
            return new DatabaseException("It is empty.", NextStep);
        }

        if (head.StartsWith("SQLite format 3"u8))
        {
            return new DatabaseException("It is a SQLite database, no dump of PostgreSQL.", "Add it with “Add database”.");
        }

        if (head.Length > 262 && head[257..262].SequenceEqual("ustar"u8))
        {
            return new DatabaseException("It is a tar archive. Of pg_dump's formats only custom (-Fc) and plain SQL are taken in.", NextStep);
        }

        if (Wide(head) is { } encoding)
        {
            return new DatabaseException($"It is SQL in {encoding}, which neither psql nor the server reads; a shell of Windows writes so what it redirects.", $"Convert it (iconv -f {encoding} -t UTF-8), or let pg_dump write the file itself: pg_dump --format=custom --file=….");
        }

        if (head.ContainsAny(Controls))
        {
            return new DatabaseException("It is neither an archive of pg_dump -Fc nor SQL: it holds bytes that are no text.", NextStep);
        }

        var text = Encoding.Latin1.GetString(head);
        return text.Contains("PostgreSQL database cluster dump", StringComparison.Ordinal) ? new DatabaseException("It is a dump of a whole server (pg_dumpall), with roles and many databases.", "Take a dump of one database with pg_dump.")
            : text.Contains("-- MySQL dump", StringComparison.Ordinal) || text.Contains("-- MariaDB dump", StringComparison.Ordinal) ? new DatabaseException("It is a dump of MySQL, which PostgreSQL does not understand.")
            : text.Contains("-- PostgreSQL database dump\n", StringComparison.Ordinal) && end.IndexOf("-- PostgreSQL database dump complete"u8) < 0 ? new DatabaseException("It is a dump of plain SQL that was cut off: its last line is missing.", "Bring it here once more.")
            : text.Contains("-- PostgreSQL database dump\n", StringComparison.Ordinal) || Statement().IsMatch(text) ? null
            : new DatabaseException("It is neither an archive of pg_dump -Fc nor SQL.", NextStep);
    }

    /// <summary>Two or four bytes a letter, by its mark or by the zeros beside its first letters.</summary>
    private static string? Wide(ReadOnlySpan<byte> head) => head switch
    {
        [0xFF, 0xFE, 0, 0, ..] or [0, 0, 0xFE, 0xFF, ..] => "UTF-32",
        [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] => "UTF-16",
        [>= 0x20, 0, >= 0x20, 0, _, 0, ..] or [0x0D, 0, 0x0A, 0, _, 0, ..] => "UTF-16LE",
        [0, >= 0x20, 0, >= 0x20, 0, _, ..] => "UTF-16BE",
        _ => null,
    };

    private static async Task<ForeignContent> ReadArchiveAsync(string file, FindTools tools, CancellationToken cancellationToken)
    {
        var list = await AskAsync(file, tools, "--list", cancellationToken);

        await using var content = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 0);
        var contents = ArchiveContents.Of(await ReadEntries.RunAsync(content, tools, cancellationToken));
        var (by, of) = (By().Match(list), Of().Match(list));
        await DemandWholeAsync(file, tools, cancellationToken);
        return new ForeignContent(
            ForeignKind.Archive,
            $"An archive of pg_dump {(by.Success ? by.Groups[1].Value : "-Fc")}{(of.Success ? $", taken of {of.Groups[1].Value}" : "")}",
            new Dictionary<string, string>
            {
                [ArchiveContents.Key] = contents.ToJson(),
                [BackupIdentity.Roles] = JsonSerializer.Serialize(contents.Roles),
                [BackupIdentity.Extensions] = JsonSerializer.Serialize(contents.Demands.Where(demand => demand.Kind == DemandKind.Extension).Select(demand => demand.Name)),
            });
    }

    /// <summary>What was cut off lists its contents without a complaint: read to its end before anybody plans with it.</summary>
    private static async Task DemandWholeAsync(string file, FindTools tools, CancellationToken cancellationToken)
    {
        await using var content = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);
        if (await CheckArchive.RunAsync(content, null, tools, cancellationToken) is { IsSound: false } check)
        {
            throw new DatabaseException($"It is an archive of pg_dump that is damaged or was cut off: {string.Join(" ", check.Problems.Take(3))}", "Bring it here once more, or take the dump again.");
        }
    }

    private static async Task<string> AskAsync(string file, FindTools tools, string what, CancellationToken cancellationToken)
    {
        using var tool = RunTool.Start(tools.Newest(), "pg_restore", [what, "--file=-", file]);
        var said = await tool.Process.StandardOutput.ReadToEndAsync(cancellationToken);
        return await tool.WaitAsync(cancellationToken) == 0
            ? said
            : throw new DatabaseException($"It begins as an archive of pg_dump does, and pg_restore can't read it: {tool.Fault.TrimEnd('.')}.", "Bring it here once more. One of a newer pg_dump needs a newer postgresql-client on this machine.");
    }

    [GeneratedRegex(@"^\s*(?:(?:--[^\n]*|/\*.*?\*/)\s*)*(?:\\restrict |(?:SET|SELECT|BEGIN|START|CREATE|ALTER|DROP|INSERT|COPY|COMMENT|GRANT|DO|WITH|TRUNCATE|UPDATE|DELETE)\s)", RegexOptions.Singleline | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Statement();

    [GeneratedRegex(@"Dumped by pg_dump version: ([\d.]+)", RegexOptions.CultureInvariant)]
    private static partial Regex By();

    [GeneratedRegex(@"^;\s+dbname: (.+)$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Of();
}

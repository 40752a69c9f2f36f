using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Postgres.Backups;
using Dashboard.Postgres.Tools;

namespace Dashboard.Postgres.Foreign;

/// <summary>What a plain file is, by its first bytes; an archive is asked what it holds.</summary>
internal static partial class Recognise
{
    public const string Accepts = "An archive of pg_dump -Fc, or plain SQL of pg_dump; either may be packed with zstd or gzip.";

    private const int Head = 1 << 16;

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

        return head.AsSpan(0, length).StartsWith("PGDMP"u8) ? await ReadArchiveAsync(file, tools, cancellationToken)
            : Refuse(head.AsSpan(0, length), end) is { } refusal ? throw refusal
            : new ForeignContent(ForeignKind.Script, "A dump of plain SQL", new Dictionary<string, string>());
    }

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

    private static async Task<ForeignContent> ReadArchiveAsync(string file, FindTools tools, CancellationToken cancellationToken)
    {
        var list = await AskAsync(file, tools, "--list", cancellationToken);
        if (!list.Contains("Format: CUSTOM", StringComparison.Ordinal))
        {
            throw new DatabaseException("It is part of an archive of several files (pg_dump -Fd). Only custom (-Fc) and plain SQL are taken in.", NextStep);
        }

        var script = new DumpScript();
        using (var schema = new MemoryStream(Encoding.UTF8.GetBytes(await AskAsync(file, tools, "--schema-only", cancellationToken))))
        {
            await ReadLines.RunAsync(schema, line =>
            {
                script.Take(line.Span);
                return ValueTask.CompletedTask;
            }, cancellationToken);
        }

        var (by, of) = (By().Match(list), Of().Match(list));
        return new ForeignContent(
            ForeignKind.Archive,
            $"An archive of pg_dump {(by.Success ? by.Groups[1].Value : "-Fc")}{(of.Success ? $", taken of {of.Groups[1].Value}" : "")}",
            new Dictionary<string, string>
            {
                [BackupIdentity.Roles] = JsonSerializer.Serialize(script.Roles),
                [BackupIdentity.Extensions] = JsonSerializer.Serialize(script.Extensions),
            });
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

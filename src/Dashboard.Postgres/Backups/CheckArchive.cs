using System.Buffers;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Postgres.Tools;

namespace Dashboard.Postgres.Backups;

/// <summary>
/// Reads an archive to its end with pg_restore, which needs no server for it, and counts the rows of every table in it. An archive that was cut off
/// lists its contents without a complaint: only reading all of it tells.
/// </summary>
internal static class CheckArchive
{
    private const int Buffer = 1 << 17;

    public static async Task<CopyCheck> RunAsync(string file, IReadOnlyList<TableRows>? expected, FindTools tools, RunProgress progress, CancellationToken cancellationToken)
    {
        await using var archive = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);
        progress.Phase("Checking", archive.Length);
        var check = await RunAsync(archive, expected, tools, cancellationToken, done => progress.Report(done));
        progress.Report(archive.Length);
        return check;
    }

    /// <param name="read">Hears how much of the content has been read.</param>
    public static async Task<CopyCheck> RunAsync(Stream content, IReadOnlyList<TableRows>? expected, FindTools tools, CancellationToken cancellationToken, Action<long>? read = null)
    {
        using var tool = RunTool.Start(tools.Newest(), "pg_restore", ["--data-only", "--file=-"]);
        var rows = new ArchiveRows();
        var counting = CountAsync(tool.Process.StandardOutput.BaseStream, rows, cancellationToken);
        await FeedAsync(content, tool.Process.StandardInput.BaseStream, read, cancellationToken);
        await counting;
        var code = await tool.WaitAsync(cancellationToken);

        List<string> problems = [];
        if (code != 0 || tool.Errors.Count > 0)
        {
            problems.Add($"pg_restore can't read it: {tool.Fault.TrimEnd('.')}.");
        }
        else if (!rows.IsComplete)
        {
            problems.Add("It ends in the middle of a table.");
        }

        var counted = rows.Rows;
        if (problems.Count == 0 && expected is not null)
        {
            problems.AddRange(Compare(expected, counted));
        }

        return new CopyCheck(problems, counted);
    }

    /// <summary>What differs, a sentence for each table.</summary>
    internal static IEnumerable<string> Compare(IReadOnlyList<TableRows> expected, IReadOnlyList<TableRows> counted)
    {
        var found = counted.ToDictionary(table => table.Table, table => table.Rows, StringComparer.Ordinal);
        foreach (var table in expected)
        {
            if (!found.Remove(table.Table, out var rows))
            {
                yield return $"The table {table.Table} is missing.";
            }
            else if (rows != table.Rows)
            {
                yield return $"{table.Table} has {Words.Count(rows, "row")} instead of {Words.Count(table.Rows)}.";
            }
        }

        foreach (var (table, _) in found)
        {
            yield return $"The table {table} was not expected.";
        }
    }

    private static async Task CountAsync(Stream output, ArchiveRows rows, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Buffer);
        try
        {
            int read;
            while ((read = await output.ReadAsync(buffer.AsMemory(0, Buffer), cancellationToken)) > 0)
            {
                rows.Take(buffer.AsSpan(0, read));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>A tool that stops reading has said why; the rest is read all the same, for whoever sends it waits for that.</summary>
    private static async Task FeedAsync(Stream content, Stream input, Action<long>? read, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Buffer);
        var isListening = true;
        long done = 0;
        try
        {
            int count;
            while ((count = await content.ReadAsync(buffer.AsMemory(0, Buffer), cancellationToken)) > 0)
            {
                read?.Invoke(done += count);
                if (isListening)
                {
                    try
                    {
                        await input.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                    }
                    catch (IOException)
                    {
                        isListening = false;
                    }
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            try
            {
                await input.DisposeAsync();
            }
            catch (IOException)
            {
                // It has gone with what was still to be written.
            }
        }
    }
}

using System.Buffers;
using Dashboard.Core.Databases;
using Dashboard.Postgres.Tools;

namespace Dashboard.Postgres.Archives;

/// <summary>
/// Reads what an archive defines: its own SQL, without its rows. That stands at its beginning, so that of a large archive little is read; pg_restore needs no
/// server for it.
/// </summary>
internal sealed class ReadEntries : IDisposable
{
    private const int Piece = 1 << 16;

    private readonly RunTool _tool;
    private readonly Task<IReadOnlyList<ArchiveEntry>> _reading;
    private bool _hasEnough;

    private ReadEntries(FindTools tools)
    {
        _tool = RunTool.Start(tools.Newest(), "pg_restore", ["--section=pre-data", "--section=post-data", "--verbose", "--file=-"]);
        _reading = ReadAsync();
    }

    public static ReadEntries Start(FindTools tools) => new(tools);

    /// <exception cref="DatabaseException">When pg_restore can't read it.</exception>
    public static async Task<IReadOnlyList<ArchiveEntry>> RunAsync(Stream content, FindTools tools, CancellationToken cancellationToken)
    {
        using var entries = Start(tools);
        var buffer = ArrayPool<byte>.Shared.Rent(Piece);
        try
        {
            int read;
            while (!entries._hasEnough && (read = await content.ReadAsync(buffer.AsMemory(0, Piece), cancellationToken)) > 0)
            {
                entries.Write(buffer.AsSpan(0, read));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return await entries.EndAsync(cancellationToken);
    }

    /// <summary>The next bytes of the archive. What comes after pg_restore has read enough is passed over.</summary>
    public void Write(ReadOnlySpan<byte> content)
    {
        if (_hasEnough)
        {
            return;
        }

        try
        {
            _tool.Process.StandardInput.BaseStream.Write(content);
        }
        catch (IOException)
        {
            // It has gone: all that it needed was there, or it says why not.
            _hasEnough = true;
        }
    }

    /// <exception cref="DatabaseException">When pg_restore can't read it.</exception>
    public async Task<IReadOnlyList<ArchiveEntry>> EndAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _tool.Process.StandardInput.BaseStream.DisposeAsync();
        }
        catch (IOException)
        {
            // As above.
        }

        var entries = await _reading.WaitAsync(cancellationToken);
        var code = await _tool.WaitAsync(cancellationToken);
        return code == 0 && _tool.Errors.Count == 0
            ? entries
            : throw new DatabaseException($"pg_restore can't read what the archive defines: {_tool.Fault.TrimEnd('.')}.");
    }

    public void Dispose() => _tool.Dispose();

    private async Task<IReadOnlyList<ArchiveEntry>> ReadAsync()
    {
        var reader = new EntryReader();
        while (await _tool.Process.StandardOutput.ReadLineAsync() is { } line)
        {
            reader.Take(line);
        }

        return reader.End();
    }
}

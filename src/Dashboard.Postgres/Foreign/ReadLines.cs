using System.Buffers;
using System.IO.Pipelines;
using Dashboard.Core.Databases;

namespace Dashboard.Postgres.Foreign;

/// <summary>Lines of a dump as their bytes, ended by a line feed and nothing else: a carriage return may stand in the middle of a value.</summary>
internal static class ReadLines
{
    /// <summary>Held in memory at once; a row of a dump is one line.</summary>
    private const long Longest = 512L << 20;

    /// <param name="take">Gets each line without its end.</param>
    public static async Task RunAsync(Stream content, Func<ReadOnlyMemory<byte>, ValueTask> take, CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(content, new StreamPipeReaderOptions(bufferSize: 1 << 17, leaveOpen: true));
        try
        {
            ReadResult read;
            do
            {
                read = await reader.ReadAsync(cancellationToken);
                var buffer = read.Buffer;
                while (buffer.PositionOf((byte)'\n') is { } end)
                {
                    await take(Whole(buffer.Slice(0, end)));
                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                }

                if (buffer.Length > Longest)
                {
                    throw new DatabaseException($"It holds a line of more than {Words.Bytes(Longest)}, which no dump of pg_dump should.", "Restore it by hand if it is really what it should be.");
                }

                if (read.IsCompleted && buffer.Length > 0)
                {
                    await take(Whole(buffer));
                    buffer = buffer.Slice(buffer.End);
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
            }
            while (!read.IsCompleted);
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private static ReadOnlyMemory<byte> Whole(ReadOnlySequence<byte> line) => line.IsSingleSegment ? line.First : line.ToArray();
}

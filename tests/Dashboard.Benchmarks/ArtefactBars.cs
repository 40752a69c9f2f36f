using System.IO.Compression;
using Dashboard.Core.Backups;
using Dashboard.Core.Files;
using Dashboard.Sqlite.Backups;
using ZstdSharp.Unsafe;

namespace Dashboard.Benchmarks;

/// <summary>Bar 4: from the checked copy to the artefact.</summary>
internal sealed class ArtefactBars(BenchmarkOptions options, string source, string scratch, Figures figures)
{
    private readonly string _file = Path.Combine(scratch, "artefact");

    public async Task MeasureAsync()
    {
        List<Cost> ours = [], withoutHash = [], zstd = [], gzipStream = [], gzip = [];
        for (var round = 0; round < options.Rounds; round++)
        {
            ours.Add(Write(file => Artefact.Write(file, Compression.Fast)));
            zstd.Add(await Shell.TimeAsync(_file, "zstd", "-1", "-T2", "-q", "-f", source, "-o", _file));
            withoutHash.Add(Write(WithoutHash));
            gzipStream.Add(Write(file => new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true)));
            gzip.Add(await Shell.TimeAsync(_file, "sh", "-c", $"gzip -1 -c '{source}' > '{_file}'"));
        }

        File.Delete(_file);
        figures.AddRatio("4 artefact (zstd and SHA-256) / zstd -1 -T2", ours, zstd, 1.25);
        figures.AddRatio("4 artefact / gzip fastest in .NET", ours, gzipStream, 0.7);
        figures.AddRatio("4 artefact / gzip -1", ours, gzip, 0.7);
        figures.AddRatio("4 artefact / the same without SHA-256", ours, withoutHash, 1.10);
    }

    private Cost Write(Func<Stream, Stream> wrap) => Cost.Of(() =>
    {
        File.Delete(_file);
        using var file = DurableFiles.CreatePrivate(_file);
        using (var target = wrap(file))
        {
            WriteBackup.Compress(source, target, new Watch(), CancellationToken.None);
        }

        file.Flush(flushToDisk: true);
    });

    private static ZstdSharp.CompressionStream WithoutHash(Stream file)
    {
        var stream = new ZstdSharp.CompressionStream(file, 1, leaveOpen: true);
        stream.SetParameter(ZSTD_cParameter.ZSTD_c_nbWorkers, 2);
        stream.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        return stream;
    }
}

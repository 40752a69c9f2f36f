using System.Security.Cryptography;
using Dashboard.Core.Backups;
using Dashboard.Core.Tests.Home;
using FsCheck.Xunit;

namespace Dashboard.Core.Tests.Backups;

public sealed class ArtefactTests : IDisposable
{
    private readonly string _folder = StoreFixture.NewFolder();

    public static TheoryData<Compression> Compressions => [.. Enum.GetValues<Compression>()];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<Compression, int, bool> CompressionsAndSizes()
    {
        TheoryData<Compression, int, bool> data = [];
        foreach (var compression in Enum.GetValues<Compression>())
        {
            foreach (var size in new[] { 0, 1, 4096, (1 << 17) - 1, 1 << 17, (1 << 17) + 1, 3_000_001 })
            {
                data.Add(compression, size, false);
                data.Add(compression, size, true);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(CompressionsAndSizes))]
    public async Task What_was_written_is_read_again(Compression compression, int size, bool isStreamed)
    {
        var content = Content(size, seed: size);

        var (file, written) = Write(content, compression, isStreamed: isStreamed);
        using var target = new MemoryStream();
        var reading = await Artefact.ReadAsync(file, compression, target, null, Cancel);

        Assert.Equal(content, target.ToArray());
        Assert.Equal((size, Hex(content)), (reading.ContentBytes, reading.ContentSha256));
        Assert.Equal(Hex(await File.ReadAllBytesAsync(file, Cancel)), reading.Sha256);
        Assert.Equal((reading.Sha256, reading.ContentBytes), (written.Sha256, written.ContentBytes));
    }

    [Property(MaxTest = 150)]
    public bool Any_content_in_any_pieces_comes_back(byte[] seed, ushort repeat, byte kind, byte piece, bool isStreamed)
    {
        ArgumentNullException.ThrowIfNull(seed);
        var compression = (Compression)(kind % 3);
        var content = Enumerable.Repeat(seed, repeat % 500).SelectMany(part => part).ToArray();

        var (file, written) = Write(content, compression, piece + 1, isStreamed);
        using var target = new MemoryStream();
        var reading = Artefact.ReadAsync(file, compression, target, null, CancellationToken.None).GetAwaiter().GetResult();

        return content.AsSpan().SequenceEqual(target.ToArray()) && reading.ContentSha256 == Hex(content) && new ArtefactWriting(reading.Sha256, reading.ContentBytes) == written;
    }

    [Theory]
    [MemberData(nameof(Compressions))]
    public async Task Any_flipped_byte_is_found(Compression compression)
    {
        var (file, _) = Write(Content(600, seed: 7), compression);
        var good = await Artefact.ReadAsync(file, compression, null, null, Cancel);
        var bytes = await File.ReadAllBytesAsync(file, Cancel);

        for (var at = 0; at < bytes.Length; at++)
        {
            foreach (var flip in new byte[] { 0x01, 0x80, 0xff })
            {
                var bad = bytes.ToArray();
                bad[at] ^= flip;
                Assert.True(await IsFoundAsync(bad, compression, good), $"Byte {at} of {bytes.Length} flipped by {flip:x2} went unnoticed.");
            }
        }
    }

    /// <summary>The hash of the file can't tell that a compressor made something else of what it was given; its own checksum must.</summary>
    [Theory]
    [InlineData(Compression.Fast)]
    [InlineData(Compression.Small)]
    public async Task Content_that_is_not_what_the_compressor_was_given_is_no_content(Compression compression)
    {
        var (file, _) = Write(Content(600, seed: 7), compression);
        var bytes = await File.ReadAllBytesAsync(file, Cancel);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, Cancel);

        await Assert.ThrowsAsync<InvalidDataException>(() => Artefact.ReadAsync(file, compression, null, null, Cancel));
    }

    [Theory]
    [MemberData(nameof(Compressions))]
    public async Task Any_truncation_and_any_tail_is_found(Compression compression)
    {
        var (file, _) = Write(Content(600, seed: 8), compression);
        var good = await Artefact.ReadAsync(file, compression, null, null, Cancel);
        var bytes = await File.ReadAllBytesAsync(file, Cancel);

        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.True(await IsFoundAsync(bytes[..length], compression, good), $"Cut to {length} of {bytes.Length} went unnoticed.");
        }

        Assert.True(await IsFoundAsync([.. bytes, 0], compression, good));
        Assert.True(await IsFoundAsync([.. bytes, .. bytes], compression, good));
    }

    [Fact]
    public async Task Progress_counts_the_bytes_of_the_file()
    {
        var (file, _) = Write(Content(3_000_000, seed: 9), Compression.Fast);
        List<long> told = [];

        await Artefact.ReadAsync(file, Compression.Fast, null, told.Add, Cancel);

        Assert.Equal(new FileInfo(file).Length, told[^1]);
        Assert.Equal(told.Order(), told);
    }

    [Fact]
    public async Task Reading_can_be_cancelled()
    {
        var (file, _) = Write(Content(3_000_000, seed: 9), Compression.None);
        using var stop = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Artefact.ReadAsync(file, Compression.None, null, _ => stop.Cancel(), stop.Token));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<bool> IsFoundAsync(byte[] bad, Compression compression, ArtefactReading good)
    {
        var file = Path.Combine(_folder, "bad");
        await File.WriteAllBytesAsync(file, bad, Cancel);
        try
        {
            return (await Artefact.ReadAsync(file, compression, null, null, Cancel)).Sha256 != good.Sha256;
        }
        catch (InvalidDataException)
        {
            return true;
        }
    }

    private (string File, ArtefactWriting Written) Write(byte[] content, Compression compression, int piece = 1 << 16, bool isStreamed = false)
    {
        var path = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        using var file = new FileStream(path, FileMode.CreateNew);
        var artefact = Artefact.Write(file, compression, isStreamed);
        using (artefact)
        {
            foreach (var part in content.Chunk(piece))
            {
                artefact.Write(part);
            }
        }

        return (path, artefact.Result);
    }

    /// <summary>Half of it compresses and half does not.</summary>
    private static byte[] Content(int size, int seed)
    {
        var content = new byte[size];
        new Random(seed).NextBytes(content.AsSpan(0, size / 2));
        return content;
    }

    private static string Hex(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}

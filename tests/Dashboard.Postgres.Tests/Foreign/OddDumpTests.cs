using System.Text;
using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Tools;
using Xunit;

namespace Dashboard.Postgres.Tests.Foreign;

/// <summary>A dump that can't be restored is refused when it is given, and called what it is.</summary>
public sealed class OddDumpTests : IAsyncLifetime
{
    private readonly PostgresHarness _harness = new();
    private string _location = "";

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private PostgresEngine Engine => (PostgresEngine)_harness.Engine;

    public async ValueTask InitializeAsync() => _location = await _harness.CreateAsync();

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    [Theory]
    [InlineData(0.99)]
    [InlineData(0.9)]
    [InlineData(0.5)]
    [InlineData(0.1)]
    public async Task An_archive_that_was_cut_off_is_refused_before_it_is_offered(double share)
    {
        var (file, _) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        var content = await File.ReadAllBytesAsync(file, Now);
        var cut = _harness.NewFile($"cut-{Guid.NewGuid():N}.dump");
        await File.WriteAllBytesAsync(cut, content[..(int)(content.Length * share)], Now);

        var refusal = await Assert.ThrowsAsync<DatabaseException>(() => Engine.RecogniseAsync(cut, Now));

        Assert.Contains("archive of pg_dump", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(Core.Backups.ForeignKind.Archive, (await Engine.RecogniseAsync(file, Now)).Kind);
    }

    [Fact]
    public async Task An_archive_that_is_damaged_in_the_middle_is_refused()
    {
        var (file, _) = await _harness.TakeBackupAsync(_location, cancellationToken: Now);
        await _harness.DamageCopyAsync(file);

        var refusal = await Assert.ThrowsAsync<DatabaseException>(() => Engine.RecogniseAsync(file, Now));

        Assert.Contains("damaged or was cut off", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_archive_is_called_so_by_its_folder_and_by_its_table_of_contents()
    {
        var folder = _harness.NewFile($"folder-{Guid.NewGuid():N}");
        await DumpAsync("--format=directory", "--file=" + folder);

        var refusal = await Assert.ThrowsAsync<DatabaseException>(() => Engine.RecogniseAsync(Path.Combine(folder, "toc.dat"), Now));

        Assert.Contains("pg_dump -Fd", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("directory archive (pg_dump -Fd)", Engine.RefuseFolder(folder).Message, StringComparison.Ordinal);
        Assert.Contains("folder", Engine.RefuseFolder(Path.GetTempPath()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("utf-16", true, "UTF-16")]
    [InlineData("utf-16", false, "UTF-16LE")]
    [InlineData("utf-16BE", true, "UTF-16")]
    [InlineData("utf-16BE", false, "UTF-16BE")]
    [InlineData("utf-32", true, "UTF-32")]
    public async Task Sql_in_a_wide_encoding_is_called_so(string encoding, bool hasMark, string name)
    {
        var file = _harness.NewFile($"wide-{Guid.NewGuid():N}.sql");
        var text = Encoding.GetEncoding(encoding);
        await File.WriteAllBytesAsync(file, [.. hasMark ? text.GetPreamble() : [], .. text.GetBytes("--\r\n-- PostgreSQL database dump\r\n--\r\nCREATE TABLE t (id int);\r\n")], Now);

        var refusal = await Assert.ThrowsAsync<DatabaseException>(() => Engine.RecogniseAsync(file, Now));

        Assert.Contains($"SQL in {name},", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("iconv", refusal.NextStep, StringComparison.Ordinal);
    }

    private async Task DumpAsync(params string[] arguments)
    {
        var server = LocationText.Read(Server.TestServer.Url);
        var start = new System.Diagnostics.ProcessStartInfo(new FindTools(null).Newest().Path("pg_dump"), [.. arguments, PostgresHarness.DatabaseOf(_location)]);
        foreach (var (key, value) in new[] { ("PGHOST", server.Location!.Host), ("PGPORT", $"{server.Location.Port}"), ("PGUSER", server.Location.User), ("PGPASSWORD", server.Password), ("PGSSLMODE", server.Location.TlsWord), ("PGSSLROOTCERT", server.Location.RootCertificate) })
        {
            start.Environment[key] = value;
        }

        using var process = System.Diagnostics.Process.Start(start)!;
        await process.WaitForExitAsync(Now);
        Assert.Equal(0, process.ExitCode);
    }
}

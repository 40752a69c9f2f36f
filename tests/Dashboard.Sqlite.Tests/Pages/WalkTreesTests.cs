using System.Diagnostics;
using System.Globalization;
using Dashboard.Core.Jobs;
using Dashboard.EngineSpecs.Faults;
using Dashboard.Sqlite.Backups;
using Xunit;

namespace Dashboard.Sqlite.Tests.Pages;

public sealed class WalkTreesTests : IAsyncLifetime
{
    private readonly SqliteHarness harness = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => harness.DisposeAsync();

    /// <summary>What is measured adds up to the file, or nothing is returned; and it is what dbstat says, where this machine has one.</summary>
    [Fact]
    public async Task Whatever_the_schema_all_pages_are_found_and_each_once()
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            var (copy, content) = await harness.TakeBackupAsync(RandomSchema.Create(harness, seed), cancellationToken: Now);

            Assert.True(content.Sizes is not null, $"seed {seed} does not add up");
            if (await DbstatAsync(copy) is { } dbstat)
            {
                Assert.Equal(dbstat.Order(), content.Sizes.Select(size => $"{size.Name}|{size.Bytes}").Order());
            }
        }
    }

    [Fact]
    public async Task A_file_beyond_the_page_of_the_locks_adds_up_too()
    {
        // A gigabyte of nothing: a sparse file whose one blob reaches behind the lock page.
        var file = Path.Combine(harness.Folder, "large.db");
        SqliteHarness.Execute(file, "PRAGMA page_size = 65536; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; CREATE TABLE large (content BLOB);");
        SqliteHarness.Execute(file, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 11) INSERT INTO large SELECT zeroblob(100000000) FROM n");

        var sizes = MeasureCopy.Run(file, RunProgress.None, Now);

        Assert.True(new FileInfo(file).Length > 1 << 30);
        Assert.True(sizes!.Single(size => size.Name == "large").Bytes > 1_100_000_000);
    }

    [Fact]
    public void An_empty_file_has_no_tables()
    {
        var file = harness.NewFile("empty.db");
        File.WriteAllBytes(file, []);

        Assert.Equal([], MeasureCopy.Run(file, RunProgress.None, Now)!);
    }

    [Theory]
    [InlineData(40_960, 8192)]
    [InlineData(16, 2)]
    [InlineData(100, 12)]
    public void Damage_leaves_the_sizes_unknown_and_says_why(int offset, int length)
    {
        var file = harness.Create("shop.db");
        SqliteHarness.Execute(file, "PRAGMA journal_mode = DELETE");
        SqliteHarness.Overwrite(file, offset, length);

        Assert.Null(MeasureCopy.Run(file, new WatchedProgress(), Now));
    }

    [Fact]
    public void Pages_that_go_round_in_a_circle_come_to_an_end()
    {
        var file = harness.Create("shop.db", orders: 4000);
        SqliteHarness.Execute(file, "PRAGMA journal_mode = DELETE");
        var root = long.Parse(SqliteHarness.Text(file, "SELECT rootpage FROM sqlite_schema WHERE name = 'orders'"), CultureInfo.InvariantCulture);
        using (var stream = File.OpenWrite(file))
        {
            // The rightmost child of the root is the root.
            stream.Position = ((root - 1) * 4096) + 8;
            stream.Write([0, 0, (byte)(root >> 8), (byte)root]);
        }

        Assert.Null(MeasureCopy.Run(file, RunProgress.None, Now));
    }

    [Fact]
    public void Cancelled_it_ends()
    {
        var file = harness.Create("shop.db");

        Assert.ThrowsAny<OperationCanceledException>(() => MeasureCopy.Run(file, RunProgress.None, new CancellationToken(canceled: true)));
    }

    private static async Task<IReadOnlyList<string>?> DbstatAsync(string file)
    {
        try
        {
            using var shell = Process.Start(new ProcessStartInfo("sqlite3", [file, "SELECT name, sum(pgsize) FROM dbstat GROUP BY name"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var output = await shell.StandardOutput.ReadToEndAsync(Now);
            await shell.WaitForExitAsync(Now);
            return shell.ExitCode == 0 ? output.Split('\n', StringSplitOptions.RemoveEmptyEntries) : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}

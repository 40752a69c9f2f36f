using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Xunit;

namespace Dashboard.EngineSpecs;

public abstract class CopySpecs(EngineHarness harness) : EngineSpec(harness)
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(CheckDepth.Quick)]
    [InlineData(CheckDepth.Full)]
    public async Task A_whole_copy_has_no_problem_and_is_counted(CheckDepth depth)
    {
        var (file, content) = await Harness.TakeBackupAsync(await Harness.CreateAsync());

        var check = await Engine.CheckCopyAsync(file, content.Rows, depth, RunProgress.None, Now);

        Assert.True(check.IsSound);
        Assert.Equal(content.Rows, check.Rows);
    }

    [Fact]
    public async Task Rows_that_differ_are_a_problem_that_names_the_table()
    {
        var (file, content) = await Harness.TakeBackupAsync(await Harness.CreateAsync());
        var table = content.Rows[0];

        var check = await Engine.CheckCopyAsync(file, [table with { Rows = table.Rows + 1 }, new TableRows("no such table", 0)], CheckDepth.Quick, RunProgress.None, Now);

        Assert.Contains(check.Problems, problem => problem.Contains(table.Table, StringComparison.Ordinal));
        Assert.Contains(check.Problems, problem => problem.Contains("no such table", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(CheckDepth.Quick)]
    [InlineData(CheckDepth.Full)]
    public async Task Damage_is_an_answer(CheckDepth depth)
    {
        var (file, content) = await Harness.TakeBackupAsync(await Harness.CreateAsync());
        await Harness.DamageCopyAsync(file);

        var check = await Engine.CheckCopyAsync(file, content.Rows, depth, RunProgress.None, Now);

        Assert.False(check.IsSound);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    public async Task A_copy_that_was_cut_off_is_not_sound(double part)
    {
        var (file, content) = await Harness.TakeBackupAsync(await Harness.CreateAsync());
        await using (var cut = File.OpenWrite(file))
        {
            cut.SetLength((long)(cut.Length * part));
        }

        var check = await Engine.CheckCopyAsync(file, content.Rows, CheckDepth.Quick, RunProgress.None, Now);

        Assert.False(check.IsSound);
    }

    [Fact]
    public async Task A_copy_that_is_something_else_is_not_sound()
    {
        var file = Harness.NewFile("letter.plain");
        await File.WriteAllTextAsync(file, string.Concat(Enumerable.Repeat("Dear reader, this is no database. ", 500)), Now);

        var check = await Engine.CheckCopyAsync(file, null, CheckDepth.Full, RunProgress.None, Now);

        Assert.False(check.IsSound);
    }

    [Fact]
    public async Task Checking_changes_nothing()
    {
        var (file, content) = await Harness.TakeBackupAsync(await Harness.CreateAsync());
        var before = await File.ReadAllBytesAsync(file, Now);
        var files = Directory.GetFiles(Harness.Folder).Order();

        await Engine.CheckCopyAsync(file, content.Rows, CheckDepth.Full, RunProgress.None, Now);

        Assert.Equal(before, await File.ReadAllBytesAsync(file, Now));
        Assert.Equal(files, Directory.GetFiles(Harness.Folder).Order());
    }
}

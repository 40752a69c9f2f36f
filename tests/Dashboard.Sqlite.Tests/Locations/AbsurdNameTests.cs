using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Xunit;

namespace Dashboard.Sqlite.Tests.Locations;

/// <summary>SQLite reads '?', '#' and '%' in addresses, connection strings read ';' and '|': in a path they are letters.</summary>
public sealed class AbsurdNameTests
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("🦊 fox.db")]
    [InlineData("what?mode=memory&cache=shared.db")]
    [InlineData("C#.db")]
    [InlineData("100%41.db")]
    [InlineData("-leading-dash.db")]
    [InlineData("file:shop.db")]
    [InlineData(":memory:")]
    [InlineData("|DataDirectory|.db")]
    [InlineData("a;Mode=ReadOnly;b=\"c\".db")]
    [InlineData("it's \"quoted\".db")]
    [InlineData("two\nlines.db")]
    [InlineData("back\\slash.db")]
    [InlineData(" blank ")]
    [InlineData("no-extension")]
    [InlineData(".hidden")]
    [InlineData("é combining e\u0301.db")]
    [InlineData("'); DROP TABLE t; --.db")]
    public async Task Everything_works_with_any_name(string name)
    {
        await using var harness = new SqliteHarness();
        var file = harness.Create(name, pageSize: 8192, orders: 50);

        Assert.Equal(file, (await harness.Engine.CheckLocationAsync(file, Now)).Location);
        Assert.True((await harness.Engine.ReadStateAsync(file, Now)).SizeBytes > 0);
        Assert.Equal(350, (await harness.Engine.CountRowsAsync(file, TimeSpan.FromSeconds(10), Now)).Total);
        Assert.Empty(await harness.Engine.FindUsersAsync(file, Now) ?? []);
    }

    [Theory]
    [InlineData("what?mode=memory&cache=shared.db")]
    [InlineData("a;Mode=ReadOnly;b=\"c\".db")]
    [InlineData("it's \"quoted\"\n100%41#🦊.db")]
    public async Task A_backup_goes_out_and_comes_back_under_any_name(string name)
    {
        await using var harness = new SqliteHarness();
        var file = harness.Create(name, orders: 50);
        var old = SqliteHarness.ReadAll(file);
        var (backup, _) = await harness.TakeBackupAsync(file, cancellationToken: Now);
        var copy = Path.Combine(harness.Folder, "copy " + name);
        File.Move(backup, copy);

        // Pages of another size are written anew with VACUUM INTO, which names the file in SQL.
        SqliteHarness.Execute(copy, "PRAGMA page_size = 8192; VACUUM");
        await harness.ChangeAsync(file);
        await harness.Engine.RestoreAsync(file, new RestoreWork(ContentPlace.File(copy), ContentPlace.File(harness.NewFile("undo " + name)), _ => Task.CompletedTask), RunProgress.None, Now);

        Assert.Equal(old, SqliteHarness.ReadAll(file));
        Assert.Equal(old, SqliteHarness.ReadAll((await harness.Engine.RestoreAsCopyAsync(file, new CopyWork(copy, "label"), RunProgress.None, Now)).Location));
    }

    [Property(MaxTest = 300)]
    public Property Nothing_that_is_typed_is_an_exception() => Prop.ForAll<string>(typed =>
    {
        var check = new SqliteEngine(TimeProvider.System).CheckLocationAsync(typed ?? "", CancellationToken.None).GetAwaiter().GetResult();
        return check.Verdict == LocationVerdict.Refused && check.NextStep is { Length: > 0 };
    });
}

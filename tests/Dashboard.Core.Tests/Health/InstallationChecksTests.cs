using Dashboard.Core.Health;
using Dashboard.Core.Health.Installation;
using Dashboard.Core.Jobs;
using Dashboard.Core.Tests.Fakes;
using Dashboard.Core.Tests.Home;

namespace Dashboard.Core.Tests.Health;

public sealed class InstallationChecksTests : IAsyncDisposable
{
    private readonly StoreFixture _home = new();
    private readonly House _house;

    public InstallationChecksTests() => _house = new House(_home);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(10, "2026-11-25", HealthVerdict.Pass)]
    [InlineData(10, "2028-10-01", HealthVerdict.Warn)]
    [InlineData(10, "2028-11-15", HealthVerdict.Warn)]
    [InlineData(9, "2026-11-09", HealthVerdict.Fail)]
    [InlineData(99, "2040-01-01", HealthVerdict.Pass)]
    public void A_runtime_without_fixes_is_told_before_its_end(int major, string today, HealthVerdict verdict) =>
        Assert.Equal(verdict, RuntimeCheck.Judge(new Version(major, 0), 10, DateOnly.Parse(today, System.Globalization.CultureInfo.InvariantCulture), ".NET").Verdict);

    [Fact]
    public async Task A_key_without_a_value_fails_and_no_value_is_shown()
    {
        var answer = await LookAsync("configuration", ("keys", "Dashboard:BackupFolder\nShop__ApiKey"));

        Assert.Equal((HealthVerdict.Fail, "No value is given for Dashboard:BackupFolder and Shop__ApiKey."), (answer.Verdict, answer.Evidence));
        Assert.Equal(HealthVerdict.Pass, (await LookAsync("configuration")).Verdict);
    }

    [Fact]
    public async Task Folders_are_there_and_can_be_written()
    {
        var more = Path.Combine(_home.Folder, "exports");
        Assert.Equal((HealthVerdict.Fail, $"The folder {more} is not there."), Pair(await LookAsync("folders", ("folders", more), ("free", "0"))));

        Directory.CreateDirectory(more);

        Assert.Equal((HealthVerdict.Pass, $"2 folders are there and can be written: {_home.Data.Path} and {more}."), Pair(await LookAsync("folders", ("folders", more), ("free", "0"))));
        Assert.Equal(HealthVerdict.Warn, (await LookAsync("folders", ("free", "100"))).Verdict);
        Assert.Empty(Directory.GetFiles(more));
    }

    [Fact]
    public async Task Required_files_are_there_and_not_empty()
    {
        var (whole, empty, gone) = (Path.Combine(_home.Folder, "a.conf"), Path.Combine(_home.Folder, "b.conf"), Path.Combine(_home.Folder, "c.conf"));
        await File.WriteAllTextAsync(whole, "x", Cancel);
        await File.WriteAllTextAsync(empty, "", Cancel);

        Assert.Equal((HealthVerdict.Pass, $"It is there: {whole}."), Pair(await LookAsync("files", ("files", whole))));
        Assert.Equal((HealthVerdict.Fail, $"{empty} is empty. {gone} is not there. {_home.Folder} is a folder."), Pair(await LookAsync("files", ("files", $"{whole}\n{empty}\n{gone}\n{_home.Folder}"))));
    }

    [Fact]
    public async Task A_log_that_has_gone_silent_is_told()
    {
        var log = Path.Combine(_home.Folder, "shop-1.log");
        var stars = Path.Combine(_home.Folder, "shop-*.log");
        Assert.Equal((HealthVerdict.Fail, $"There is no {stars}."), Pair(await LookAsync("logs", ("logs", stars))));
        await File.WriteAllTextAsync(log, "started", Cancel);
        File.SetLastWriteTimeUtc(log, _home.Time.GetUtcNow().UtcDateTime.AddHours(-30));

        Assert.Equal((HealthVerdict.Warn, $"{log} has been silent for 30 h."), Pair(await LookAsync("logs", ("logs", stars))));
        Assert.Equal((HealthVerdict.Pass, "1 log was written to within 31 h."), Pair(await LookAsync("logs", ("logs", log), ("age", "31"))));
    }

    [Fact]
    public async Task Secrets_that_others_can_read_are_told_by_name()
    {
        var secret = Path.Combine(_home.Folder, ".env");
        await File.WriteAllTextAsync(secret, "KEY=1", Cancel);
        Set(secret, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Equal(HealthVerdict.Pass, (await LookAsync("secrets", ("files", secret))).Verdict);

        Set(secret, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        var open = await LookAsync("secrets", ("files", secret));
        Set(_home.Data.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        var folder = await LookAsync("secrets");
        var missing = await LookAsync("secrets", ("files", secret + ".gone"));

        Assert.Equal((HealthVerdict.Fail, $"Other users of this machine can read or change {secret}."), Pair(open));
        Assert.Equal(HealthVerdict.Fail, folder.Verdict);
        Assert.Contains(_home.Data.Path, folder.Evidence, StringComparison.Ordinal);
        Assert.Equal(HealthVerdict.Fail, missing.Verdict);
        Set(_home.Data.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.Equal((HealthVerdict.Unknown, $"{secret}.gone is not there."), Pair(await LookAsync("secrets", ("files", secret + ".gone"))));
    }

    [Fact]
    public async Task Ready_is_a_store_that_answers_and_folders_that_can_be_written()
    {
        var ready = _house.Get<ReadReadiness>();
        Assert.Equal(new Readiness(true, true, true), await ready.ReadAsync(Cancel));

        var backups = Path.Combine(_home.Folder, "gone");
        await using var other = new House(_home, options: options => options.BackupFolder = backups);
        Assert.Equal(new Readiness(true, false, true), await other.Get<ReadReadiness>().ReadAsync(Cancel));
        Assert.False((await other.Get<ReadReadiness>().ReadAsync(Cancel)).IsReady);

        other.Stores.Strike(new Surprise("secret"), () => true);
        Assert.False((await other.Get<ReadReadiness>().ReadAsync(Cancel)).Store);
    }

    public async ValueTask DisposeAsync()
    {
        await _house.DisposeAsync();
        _home.Dispose();
    }

    private static void Set(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    private static (HealthVerdict Verdict, string Evidence) Pair(HealthAnswer answer) => (answer.Verdict, answer.Evidence);

    private Task<HealthAnswer> LookAsync(string key, params (string Key, string Value)[] values)
    {
        var check = _house.All<IInstallationHealthCheck>().Single(check => check.Description.Key == key);
        return check.LookAsync(new HealthQuestion(null, new HealthValues(check.Description.Fields, values.ToDictionary(value => value.Key, value => value.Value)), RunProgress.None), Cancel);
    }
}

using Xunit;

namespace Dashboard.Web.Tests.Hosting;

/// <summary>Starts that can't be made: each ends with a sentence and exit code 1.</summary>
public sealed class StartTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dashboard-start-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Names_every_setting_that_makes_no_sense()
    {
        var (code, words) = await StartAsync(("Dashboard__Workers", "99"), ("Dashboard__UndoHours", "0"), ("Dashboard__BackupFolder", "not/a/full/path"), ("LOG_RETENTION_DAYS", "0"));

        Assert.Equal(1, code);
        Assert.Contains("Dashboard:Workers must be", words, StringComparison.Ordinal);
        Assert.Contains("Dashboard:UndoHours must be", words, StringComparison.Ordinal);
        Assert.Contains("Dashboard:BackupFolder must be", words, StringComparison.Ordinal);
        Assert.Contains("Dashboard:LogRetentionDays must be", words, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_data_folder_that_another_process_has()
    {
        await using var held = new FileStream(Path.Combine(_folder.FullName, "dashboard.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

        var (code, words) = await StartAsync();

        Assert.Equal(1, code);
        Assert.Contains($"Another dashboard is running on the data folder {_folder.FullName}", words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_so_when_its_address_is_taken()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();

        var (code, words) = await StartAsync(("ASPNETCORE_URLS", $"http://{listener.LocalEndpoint}"));

        Assert.Equal(1, code);
        Assert.Contains("choose another address with --urls", words, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=localhost;Port=1;Database=dashboard;Username=dashboard;Password=hidden-word", "can't be reached")]
    [InlineData("Host=localhost;Database=dashboard;Password=half;hidden-word=rest", "can't be read")]
    [InlineData("Host=localhost;Database=dashboard;Port=hidden-word", "can't be read")]
    [InlineData("hidden-word", "can't be read")]
    [InlineData("Host=localhost;Password=hidden-word", "no database")]
    public async Task Says_that_the_store_can_not_be_had_and_no_password(string connection, string wanted)
    {
        var (code, words) = await StartAsync(("Dashboard__Store", "Postgres"), ("Dashboard__StoreConnection", connection), ("Logging__LogLevel__Default", "Debug"));

        Assert.Equal(1, code);
        Assert.Contains(wanted, words, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden-word", words, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Does_not_start_on_a_file_when_only_the_connection_of_a_server_was_given()
    {
        var (code, words) = await StartAsync(("Dashboard__StoreConnection", "Host=db;Password=hidden-word"));

        Assert.Equal(1, code);
        Assert.Contains("Dashboard:StoreConnection must be left out, or Dashboard:Store be Postgres.", words, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden-word", words, StringComparison.Ordinal);
    }

    private Task<(int Code, string Words)> StartAsync(params (string Key, string Value)[] environment) => StartedProcess.RunAsync(_folder.FullName, [], environment);
}

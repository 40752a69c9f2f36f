using Dashboard.Core.Backups;
using Dashboard.Core.Configuration;

namespace Dashboard.Core.Tests.Configuration;

public sealed class DashboardOptionsTests
{
    [Fact]
    public void The_defaults_are_without_fault() => Assert.Empty(new DashboardOptions().FindFaults());

    [Fact]
    public void Every_fault_is_named_at_once_with_its_key()
    {
        var options = new DashboardOptions { Workers = 0, UndoHours = 0, TrashDays = 366, CountSeconds = -1, Compression = (Compression)9, BackupFolder = "backups" };

        var faults = options.FindFaults();

        Assert.Equal(
            ["Dashboard:Workers", "Dashboard:UndoHours", "Dashboard:TrashDays", "Dashboard:CountSeconds", "Dashboard:Compression", "Dashboard:BackupFolder"],
            faults.Select(fault => fault.Split(' ')[0]));
        Assert.Contains("Dashboard:Workers must be a number from 1 to 16.", faults);
    }

    [Theory]
    [InlineData(StoreEngine.Sqlite, "", null)]
    [InlineData(StoreEngine.Postgres, "Host=db", null)]
    [InlineData(StoreEngine.Postgres, "", "Dashboard:StoreConnection")]
    [InlineData(StoreEngine.Sqlite, "Host=db;Password=hidden-word", "Dashboard:StoreConnection")]
    [InlineData((StoreEngine)7, "", "Dashboard:Store")]
    public void A_store_on_a_server_needs_its_connection_and_a_file_has_none(StoreEngine store, string connection, string? key)
    {
        var faults = new DashboardOptions { Store = store, StoreConnection = connection }.FindFaults();

        Assert.Equal(key, faults.Count == 0 ? null : Assert.Single(faults).Split(' ')[0]);
        Assert.DoesNotContain(faults, fault => fault.Contains("hidden-word", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(16, 720, 365, 600)]
    public void The_bounds_themselves_are_allowed(int workers, int undoHours, int trashDays, int countSeconds) =>
        Assert.Empty(new DashboardOptions { Workers = workers, UndoHours = undoHours, TrashDays = trashDays, CountSeconds = countSeconds }.FindFaults());

    [Theory]
    [InlineData(5, 1, 1, 40, 2, 0)]
    [InlineData(3600, 1440, 366, 3660, 100, 0)]
    [InlineData(4, 0, 0, 39, 1, 5)]
    [InlineData(3601, 1441, 367, 3661, 101, 5)]
    public void Metrics_have_bounds_too(int seconds, int tableMinutes, int rawDays, int hourlyDays, int dailyYears, int faults) =>
        Assert.Equal(
            faults,
            new DashboardOptions { MetricsSeconds = seconds, MetricsTableMinutes = tableMinutes, MetricsRawDays = rawDays, MetricsHourlyDays = hourlyDays, MetricsDailyYears = dailyYears }
                .FindFaults().Count(fault => fault.StartsWith("Dashboard:Metrics", StringComparison.Ordinal)));

    [Theory]
    [InlineData(17, 721, 366, 601)]
    public void One_more_is_not(int workers, int undoHours, int trashDays, int countSeconds) =>
        Assert.Equal(4, new DashboardOptions { Workers = workers, UndoHours = undoHours, TrashDays = trashDays, CountSeconds = countSeconds }.FindFaults().Count);

    [Theory]
    [InlineData(1, 0)]
    [InlineData(36_500, 0)]
    [InlineData(0, 1)]
    [InlineData(36_501, 1)]
    public void Days_of_logs_have_bounds(int days, int faults) =>
        Assert.Equal(faults, new DashboardOptions { LogRetentionDays = days }.FindFaults().Count(fault => fault.StartsWith("Dashboard:LogRetentionDays must be days", StringComparison.Ordinal)));
}

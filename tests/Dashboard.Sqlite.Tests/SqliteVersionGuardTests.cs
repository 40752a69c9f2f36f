using Dashboard.Core.Databases;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Dashboard.Sqlite.Tests;

public sealed class SqliteVersionGuardTests
{
    [Theory]
    [InlineData(3_040_001)]
    [InlineData(3_050_004)]
    [InlineData(3_051_002)]
    public void An_sqlite_that_can_damage_a_wal_database_is_refused(int version)
    {
        var error = Assert.Throws<NotSupportedException>(() => SqliteVersionGuard.DemandSafeVersion(version));

        Assert.Contains(SqliteVersionGuard.Words(version), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3_051_003)]
    [InlineData(3_053_003)]
    public void A_later_one_is_not(int version) => SqliteVersionGuard.DemandSafeVersion(version);

    [Fact]
    public void The_one_of_this_build_is_safe_and_its_engine_is_registered()
    {
        using var services = new ServiceCollection().AddSqlite().BuildServiceProvider();

        Assert.Equal("sqlite", services.GetRequiredService<IDatabaseEngine>().Description.Key);
    }
}

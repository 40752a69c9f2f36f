using Dashboard.Sqlite.Connections;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Dashboard.Sqlite.Tests.States;

public sealed class WatchTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_seen_while_an_application_turned_up_is_looked_at_again(bool stays)
    {
        await using var harness = new SqliteHarness();
        var file = harness.Create("shop.db");
        SqliteConnection? application = null;
        var looks = 0;

        var seen = SqliteConnections.Watch(file, connection =>
        {
            if (looks++ == 0)
            {
                application = SqliteHarness.Open(file);
                SqliteHarness.Execute(application, "DELETE FROM orders");
                if (!stays)
                {
                    application.Dispose();
                }

                throw new SqliteException("torn", SQLitePCL.raw.SQLITE_CORRUPT);
            }

            return connection.ReadLong("SELECT COUNT(*) FROM orders");
        });

        application!.Dispose();
        Assert.Equal((0, 2), (seen, looks));
    }

    [Fact]
    public async Task Damage_that_nobody_caused_meanwhile_is_damage()
    {
        await using var harness = new SqliteHarness();
        var file = harness.Create("shop.db");

        Assert.Throws<SqliteException>(() => SqliteConnections.Watch<int>(file, _ => throw new SqliteException("damaged", SQLitePCL.raw.SQLITE_CORRUPT)));
        Assert.Equal([file], Directory.GetFiles(harness.LiveFolder));
    }
}

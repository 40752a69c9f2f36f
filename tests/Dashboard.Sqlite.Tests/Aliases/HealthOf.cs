using Dashboard.Core.Databases;
using Dashboard.Core.Health;
using Dashboard.Core.Jobs;
using Xunit;

namespace Dashboard.Sqlite.Tests.Aliases;

internal static class HealthOf
{
    public static Task<HealthAnswer> AskAsync(IDatabaseEngine engine, string key, string file)
    {
        var check = ((IHealthChecked)engine).HealthChecks.Single(one => one.Description.Key == key);
        var database = new Database { Id = Guid.NewGuid(), Slug = "shop", Name = "shop", Engine = "sqlite", Location = file, AddedAt = DateTimeOffset.UnixEpoch };
        return check.LookAsync(
            new HealthQuestion(database, new HealthValues(check.Description.Fields, new Dictionary<string, string>()), RunProgress.None),
            TestContext.Current.CancellationToken);
    }
}

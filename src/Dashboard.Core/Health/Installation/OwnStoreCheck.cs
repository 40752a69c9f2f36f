using Dashboard.Core.Databases;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Health.Installation;

/// <summary>The dashboard's own store: that it answers, and where it is a file that it is sound.</summary>
internal sealed class OwnStoreCheck(IDbContextFactory<DashboardStore> stores, IStoreHome home, EngineCatalog engines) : IInstallationHealthCheck
{
    public HealthDescription Description { get; } = new(
        "store",
        "The dashboard's own store",
        "Whether the store answers, and where it is a file of this machine, whether its structure is sound.",
        IsCritical: true)
    {
        Patience = TimeSpan.FromMinutes(10),
    };

    public async Task<HealthAnswer> LookAsync(HealthQuestion question, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var counts = $"{Words.Count(await store.Databases.CountAsync(cancellationToken), "database")} and {Words.Count(await store.Runs.CountAsync(cancellationToken), "run")}";
        var own = await store.Databases.AsNoTracking().FirstOrDefaultAsync(database => database.IsOwnStore, cancellationToken);
        if (home.File is null || own is null || (engines.For(own) as IHealthChecked)?.HealthChecks.FirstOrDefault(check => check.Description.Key == HealthKeys.Integrity) is not { } integrity)
        {
            return HealthAnswer.Pass($"{home.Place} answers: {counts}.");
        }

        var answer = await integrity.LookAsync(question with { Database = own, Values = HealthValues.Defaults(integrity.Description.Fields) }, cancellationToken);
        return answer.Verdict == HealthVerdict.Pass
            ? HealthAnswer.Pass($"{answer.Evidence} It holds {counts}.")
            : answer with { NextStep = "Take a copy of the data folder now, then bring back the last good backup of the store; the README says how." };
    }
}

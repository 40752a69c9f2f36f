using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dashboard.Core.Metrics;

/// <summary>
/// Gives the sample database a past of 90 days, so that a newcomer sees charts with something in them: the ordinary samples at moments that
/// have gone by, moved and rolled up as all are. Pages know it by <see cref="Database.IsSample"/>.
/// </summary>
internal sealed class MakeSampleHistory(EngineCatalog engines, ISampleStore samples, IOptionsMonitor<DashboardOptions> options, ILogger logger)
{
    private const int Hour = (int)Resolution.Hourly;
    private const int Day = (int)Resolution.Daily;

    /// <summary>As far back as single samples are shown; before that one an hour is enough for a roll-up.</summary>
    private const int FineDays = 7;

    private readonly HashSet<Guid> _made = [];

    /// <summary>Those whose past is still to be made: they get no ordinary sample before.</summary>
    public async Task<IReadOnlyList<Database>> MissingAsync(IEnumerable<Database> databases, CancellationToken cancellationToken)
    {
        var missing = new List<Database>();
        foreach (var sample in databases.Where(database => database.IsSample && !_made.Contains(database.Id)))
        {
            if ((await samples.FindAsync(sample.Subject, cancellationToken)).Count == 0)
            {
                missing.Add(sample);
            }
            else
            {
                _made.Add(sample.Id);
            }
        }

        return missing;
    }

    /// <summary>What its past is made of, asked of its engine.</summary>
    public async Task<(Database Database, DatabaseState State, TableList Tables)> AskAsync(Database sample, CancellationToken cancellationToken)
    {
        var engine = engines.For(sample);
        return (sample, await engine.ReadStateAsync(sample.Location, cancellationToken), await engine.ReadTablesAsync(sample.Location, ReadTableNumbers.CountBudget, cancellationToken));
    }

    /// <summary>Stored at once, so that a kill leaves either all of it or a sample that still has none.</summary>
    public async Task MakeAsync(Database sample, DatabaseState state, TableList list, long now, CancellationToken cancellationToken)
    {
        var past = new SamplePast(state, list, now);
        var history = Moments(now).Where(at => !past.WasOff(at)).SelectMany(at => Of(sample, past, at)).ToList();
        await samples.AppendAsync(history, cancellationToken);
        await samples.MoveClosedHoursAsync(Rollup.Start(now, Resolution.Hourly), cancellationToken);
        _made.Add(sample.Id);
        MetricsLog.HistoryMade(logger, history.Count, sample.Name);
    }

    /// <summary>Forgets what is no longer registered; brought back, the sample gets a new past.</summary>
    public void Keep(IReadOnlySet<Guid> databases) => _made.IntersectWith(databases);

    private IEnumerable<long> Moments(long now)
    {
        var chosen = options.CurrentValue;
        var (seconds, fine) = (Math.Max(60, chosen.MetricsSeconds), (long)Math.Min(FineDays, chosen.MetricsRawDays) * Day);
        for (var at = Rollup.Start(now - (long)SamplePast.Days * Day, Resolution.Hourly); at < now - fine; at += Hour)
        {
            yield return at;
        }

        for (var at = Rollup.Start(now - fine, Resolution.Hourly) + Hour; at < now; at += seconds)
        {
            yield return at;
        }
    }

    private IEnumerable<Sample> Of(Database sample, SamplePast past, long at)
    {
        var quarter = options.CurrentValue.MetricsTableMinutes * 60L;
        var isTableTime = at % Metric.RestingTable.TotalSeconds < 1;
        var numbers = ReadNumbers.Of(sample.Id, past.StateAt(at), at);
        return at % quarter != 0 && at % Hour != 0 && !isTableTime
            ? numbers
            : [.. numbers, .. ReadTableNumbers.Of(sample.Id, past.TablesAt(at), at, TimeSpan.Zero).Where(of => isTableTime || !Metric.IsOfTable(of.Key.Metric))];
    }
}

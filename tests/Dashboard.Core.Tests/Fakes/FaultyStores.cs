using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Tests.Fakes;

/// <summary>The real store in a real file, that can fail to open.</summary>
internal sealed class FaultyStores(Action<DbContextOptionsBuilder> use) : IDbContextFactory<DashboardStore>
{
    private readonly DbContextOptions<DashboardStore> _options = Options(use);
    private readonly Lock _gate = new();
    private Func<bool>? _when;
    private IFault? _fault;
    private int _times;

    /// <summary>How often the fault has struck.</summary>
    public int Strikes { get; private set; }

    /// <summary>The next <paramref name="times"/> openings for which <paramref name="when"/> holds meet the fault.</summary>
    public void Strike(IFault fault, Func<bool> when, int times = 1)
    {
        lock (_gate)
        {
            // Whoever opens it first, a killed process opens nothing more: neither its job nor its clock.
            (_fault, _when, _times) = (fault, when, fault is KilledProcess ? int.MaxValue : times);
        }
    }

    public DashboardStore CreateDbContext() => new(_options);

    public async Task<DashboardStore> CreateDbContextAsync(CancellationToken cancellationToken = default)
    {
        if (NextFault() is { } fault)
        {
            await fault.StrikeAsync(cancellationToken);
        }

        return CreateDbContext();
    }

    private IFault? NextFault()
    {
        lock (_gate)
        {
            if (_times == 0 || _when?.Invoke() != true)
            {
                return null;
            }

            _times--;
            Strikes++;
            return _fault;
        }
    }

    private static DbContextOptions<DashboardStore> Options(Action<DbContextOptionsBuilder> use)
    {
        var options = new DbContextOptionsBuilder<DashboardStore>();
        use(options);
        return options.Options;
    }
}

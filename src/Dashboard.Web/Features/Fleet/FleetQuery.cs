using Dashboard.Core.Fleet;
using Dashboard.Core.Metrics;

namespace Dashboard.Web.Features.Fleet;

/// <summary>A database with all that the fleet may be filtered and sorted by.</summary>
/// <param name="IsProtected">A good backup within the time that its schedule promises, of what can be read still. Its health may want something all the same.</param>
public sealed record FleetItem(FleetRow Row, Judgement Judgement, long? SizeBytes, Growth Growth, bool IsProtected)
{
    /// <summary>What it grew by in thirty days, or since it is known; null before there is a day of samples.</summary>
    public double? MonthBytes => Growth.Latest?.Value - (Growth.MonthAgo?.Value ?? FirstOfMonth?.Value);

    private SeriesPoint? FirstOfMonth => Growth.Month.FirstOrDefault(point => point.Value is not null && Growth.Latest!.At - point.At >= TimeSpan.FromDays(1));
}

/// <summary>What of the fleet is shown and in which order, as it stands in the address. Pure.</summary>
public sealed record FleetQuery(string Text, string? Status, string? Tag, string Sort, bool IsDescending)
{
    public const string Healthy = "healthy";
    public const string Attention = "attention";
    public const string Unprotected = "unprotected";
    public const string Working = "working";

    private static readonly string[] Statuses = [Healthy, Attention, Unprotected, Working];
    private static readonly string[] LargestFirst = ["status", "size", "growth"];

    public bool IsFiltered => Text.Length > 0 || Status is not null || Tag is not null;

    /// <summary>What makes no sense in an address is left out.</summary>
    public static FleetQuery Parse(string? text, string? status, string? tag, string? sort, bool? descends)
    {
        var known = sort is "status" or "size" or "growth" or "backup" ? sort : "name";
        return new FleetQuery(text?.Trim() ?? "", Statuses.Contains(status) ? status : null, string.IsNullOrWhiteSpace(tag) ? null : tag, known, descends ?? LargestFirst.Contains(known));
    }

    public IReadOnlyList<FleetItem> Apply(IEnumerable<FleetItem> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        var fitting = items.Where(Fits).ToList();
        return Sort switch
        {
            "status" => Order(fitting, item => (int?)item.Judgement.Status),
            "size" => Order(fitting, item => item.SizeBytes),
            "growth" => Order(fitting, item => item.MonthBytes),
            "backup" => Order(fitting, item => item.Row.Standing.LastGoodAt),
            _ when IsDescending => [.. fitting.OrderBy(item => item.Row.Database.IsOwnStore).ThenByDescending(item => item.Row.Database.Name, StringComparer.OrdinalIgnoreCase)],
            _ => [.. fitting.OrderBy(item => item.Row.Database.IsOwnStore).ThenBy(item => item.Row.Database.Name, StringComparer.OrdinalIgnoreCase)],
        };
    }

    public static bool Fits(FleetItem item, string status)
    {
        ArgumentNullException.ThrowIfNull(item);
        return status switch
        {
            Healthy => item.Judgement.Status == DatabaseStatus.Healthy,
            Attention => item.Judgement.Status >= DatabaseStatus.Attention,
            Unprotected => !item.IsProtected,
            Working => item.Judgement.Status == DatabaseStatus.Working,
            _ => true,
        };
    }

    private bool Fits(FleetItem item) =>
        (Status is null || Fits(item, Status))
        && (Tag is null || item.Row.Database.TagList.Contains(Tag, StringComparer.OrdinalIgnoreCase))
        && (item.Row.Database.Name.Contains(Text, StringComparison.OrdinalIgnoreCase)
            || item.Row.Database.Location.Contains(Text, StringComparison.OrdinalIgnoreCase)
            || item.Row.Database.TagList.Contains(Text, StringComparer.OrdinalIgnoreCase));

    /// <summary>What is not known comes last in both directions; equals stand by name.</summary>
    private List<FleetItem> Order<T>(IEnumerable<FleetItem> items, Func<FleetItem, T?> by)
        where T : struct, IComparable<T>
    {
        var known = items.OrderBy(item => by(item) is null);
        var ordered = IsDescending ? known.ThenByDescending(by) : known.ThenBy(by);
        return [.. ordered.ThenBy(item => item.Row.Database.Name, StringComparer.OrdinalIgnoreCase)];
    }
}

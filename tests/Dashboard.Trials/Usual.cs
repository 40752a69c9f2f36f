namespace Dashboard.Trials;

/// <summary>How long each step lasts when nobody kills it, learned at the start.</summary>
internal sealed class Usual
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(2);

    private readonly Dictionary<(Operation, Journal, Step), TimeSpan> _lengths = [];

    public void Learn(Operation operation, Journal journal, IReadOnlyList<(Step Step, TimeSpan At)> seen)
    {
        foreach (var (here, next) in seen.Zip(seen.Skip(1)))
        {
            _lengths[(operation, journal, here.Step)] = next.At - here.At;
        }
    }

    public TimeSpan Of(Fault fault) => _lengths.TryGetValue((fault.Operation, fault.Journal, fault.Aim), out var length) && length > Shortest ? length : Shortest;

    public string Describe() => string.Join(
        Environment.NewLine,
        _lengths.GroupBy(pair => (pair.Key.Item1, pair.Key.Item2)).Select(of => $"  {of.Key.Item1,-8}{of.Key.Item2,-7}{string.Join(", ", of.Select(pair => $"{pair.Key.Item3} {pair.Value.TotalMilliseconds:0}"))} ms"));
}

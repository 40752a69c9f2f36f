using System.Diagnostics;
using Dashboard.Core.Jobs;

namespace Dashboard.Benchmarks;

/// <summary>What a person sees of a dump's bar, beside how much of it had really been written by then.</summary>
internal sealed class DumpSeen(Stream target) : RunProgress
{
    private readonly Lock _gate = new();
    private readonly List<(long At, double Told, long Written)> _reports = [];
    private long _began;
    private long _total;

    /// <summary>Seconds from the beginning of the dump to the first report, and between any two, the end included.</summary>
    public double LongestSilence
    {
        get
        {
            List<long> moments = [_began, .. _reports.Select(report => report.At), Stopwatch.GetTimestamp()];
            return moments.Zip(moments.Skip(1), (one, next) => Stopwatch.GetElapsedTime(one, next).TotalSeconds).Max();
        }
    }

    public double FirstAfter => Stopwatch.GetElapsedTime(_began, _reports[0].At).TotalSeconds;

    /// <summary>The farthest that the bar was from the truth; 0.05 is five of a hundred.</summary>
    public double FarthestOff => _reports.Max(report => Math.Abs(report.Told - (double)report.Written / target.Position));

    public override void Phase(string name, long? totalBytes = null, bool canCancel = true)
    {
        if (name == "Dumping")
        {
            (_began, _total) = (Stopwatch.GetTimestamp(), totalBytes!.Value);
        }
    }

    public override void Report(long doneBytes, long? totalBytes = null)
    {
        lock (_gate)
        {
            _reports.Add((Stopwatch.GetTimestamp(), doneBytes / (double)_total, target.Position));
        }
    }

    public override void Log(string text, LineLevel level = LineLevel.Info)
    {
    }
}

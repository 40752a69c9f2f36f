using System.Diagnostics;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;

namespace Dashboard.Benchmarks;

/// <summary>Takes progress like the runner does, and remembers how long each phase lasted and whether a copy began again.</summary>
internal sealed class Watch : RunProgress
{
    private static readonly Guid Run = Guid.CreateVersion7();

    private readonly RunRecorder _recorder = new(
        Run,
        new LiveRun(Run, JobKeys.Backup, "Back up", Subject.Installation, "Benchmarks", RunState.Running, "", null, 0, null, null, null, true, false, null),
        new JobFeed(),
        TimeProvider.System);

    private readonly List<(string Name, long Began)> _phases = [];
    private long _done;

    public int Reports { get; private set; }

    public int Restarts { get; private set; }

    public override void Phase(string name, long? totalBytes = null, bool canCancel = true)
    {
        _phases.Add((name, Stopwatch.GetTimestamp()));
        _done = 0;
        _recorder.Phase(name, totalBytes, canCancel);
    }

    public override void Report(long doneBytes, long? totalBytes = null)
    {
        Reports++;
        Restarts += doneBytes < _done ? 1 : 0;
        _done = doneBytes;
        _recorder.Report(doneBytes, totalBytes);
    }

    public override void Log(string text, LineLevel level = LineLevel.Info) => Figures.Inform(text);

    /// <summary>"Copying 1.70 s, Checking 8.71 s".</summary>
    public string Describe()
    {
        var end = Stopwatch.GetTimestamp();
        var lengths = _phases.Zip(_phases.Skip(1).Select(phase => phase.Began).Append(end), (phase, until) => (phase.Name, Time: Stopwatch.GetElapsedTime(phase.Began, until)));
        return string.Join(", ", lengths.GroupBy(phase => phase.Name).Select(of => $"{of.Key} {of.Sum(phase => phase.Time.TotalSeconds):0.00} s"));
    }
}

namespace Dashboard.Core.Jobs;

/// <summary>Every job of this installation.</summary>
public sealed class JobCatalog(IEnumerable<IJob> jobs)
{
    private readonly Dictionary<string, IJob> _jobs = jobs.ToDictionary(job => job.Key);

    /// <exception cref="InvalidOperationException">When a run names a job that this build does not have.</exception>
    public IJob For(string key) =>
        _jobs.TryGetValue(key, out var job) ? job : throw new InvalidOperationException($"This build has no job called '{key}'. Start the version of the dashboard that asked for it.");

    /// <summary>"Back up shop"; the bare key for a job that this build does not have.</summary>
    public string Title(string key, string? arguments, string subject) =>
        _jobs.TryGetValue(key, out var job) ? string.Format(System.Globalization.CultureInfo.InvariantCulture, job.TitleOf(arguments), subject) : $"{key} {subject}";

    public bool Writes(string key) => _jobs.TryGetValue(key, out var job) && job.Writes;
}

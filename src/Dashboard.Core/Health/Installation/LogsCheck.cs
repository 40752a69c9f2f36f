using Dashboard.Core.Databases;

namespace Dashboard.Core.Health.Installation;

/// <summary>Whether logs are written: one that is silent hides whatever happens.</summary>
internal sealed class LogsCheck(TimeProvider time) : IInstallationHealthCheck
{
    private const string Logs = "logs";
    private const string Age = "age";

    public HealthDescription Description { get; } = new(
        "logs",
        "Log files",
        "Whether the log files that you name are there and were written to lately. Where a name holds *, the newest file that fits counts.",
        IsCritical: false)
    {
        Fields =
        [
            new HealthField(Logs, "Log files", HealthFieldKind.Lines, "") { IsNeeded = true, Hint = "One a line, each a full path: /var/log/shop/*.log" },
            new HealthField(Age, "Warn when silent for", HealthFieldKind.Number, "24") { Unit = "hours", Min = 1, Max = 24 * 365 },
        ],
    };

    public Task<HealthAnswer> LookAsync(HealthQuestion question, CancellationToken cancellationToken)
    {
        var logs = question.Values.Lines(Logs);
        var silent = TimeSpan.FromHours(question.Values.Number(Age) ?? 24);
        var bad = logs.Select(log => Look(log, silent)).OfType<HealthAnswer>().ToList();
        return Task.FromResult(bad.Count > 0 ? HealthAnswer.Join(bad) : HealthAnswer.Pass($"{Words.Count(logs.Count, "log")} {(logs.Count == 1 ? "was" : "were")} written to within {Words.Duration(silent)}."));
    }

    private HealthAnswer? Look(string log, TimeSpan silent)
    {
        if (Newest(log) is not { } file)
        {
            return HealthAnswer.Fail($"There is no {log}.", "Look whether the application is running and where it writes its log.");
        }

        if (FilesCheck.FindFault(file.FullName) is { } fault && file.Length > 0)
        {
            return HealthAnswer.Fail(fault, $"Give the user {Environment.UserName} the right to read it.");
        }

        var age = time.GetUtcNow() - file.LastWriteTimeUtc;
        return age > silent ? HealthAnswer.Warn($"{file.FullName} has been silent for {Words.Duration(age)}.", "Look whether the application is running and where it writes its log.") : null;
    }

    private static FileInfo? Newest(string log)
    {
        if (!log.Contains('*', StringComparison.Ordinal))
        {
            return new FileInfo(log) is { Exists: true } file ? file : null;
        }

        // Only the name may hold a star: a folder that may be any would be searched without end.
        var folder = new DirectoryInfo(Path.GetDirectoryName(log) ?? "/");
        return folder.Exists ? folder.EnumerateFiles(Path.GetFileName(log)).MaxBy(file => file.LastWriteTimeUtc) : null;
    }
}

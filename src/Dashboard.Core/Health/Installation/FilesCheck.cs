using Dashboard.Core.Databases;

namespace Dashboard.Core.Health.Installation;

/// <summary>Whether files that somebody counts on are there and hold something.</summary>
internal sealed class FilesCheck : IInstallationHealthCheck
{
    private const string Files = "files";

    public HealthDescription Description { get; } = new(
        "files",
        "Required files",
        "Whether the files that you name are there, can be read and are not empty.",
        IsCritical: true)
    {
        Fields = [new HealthField(Files, "Files", HealthFieldKind.Lines, "") { IsNeeded = true, Hint = "One a line, each a full path" }],
    };

    public Task<HealthAnswer> LookAsync(HealthQuestion question, CancellationToken cancellationToken)
    {
        var files = question.Values.Lines(Files);
        var faults = files.Select(FindFault).OfType<string>().ToList();
        return Task.FromResult(faults.Count > 0
            ? HealthAnswer.Fail(string.Join(' ', faults), "Bring the file back, or take it off the list.")
            : HealthAnswer.Pass($"{(files.Count == 1 ? "It is" : $"All {Words.Count(files.Count)} are")} there: {Words.List([.. files])}."));
    }

    /// <summary>What keeps a file from being of use; null when nothing does.</summary>
    internal static string? FindFault(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return stream.Length == 0 ? $"{file} is empty." : null;
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return $"{file} is not there.";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return Directory.Exists(file) ? $"{file} is a folder." : $"{file} can't be read: {fault.Message}";
        }
    }
}

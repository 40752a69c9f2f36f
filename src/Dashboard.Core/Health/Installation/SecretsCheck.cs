using Dashboard.Core.Configuration;
using Dashboard.Core.Databases;
using Dashboard.Core.Store;

namespace Dashboard.Core.Health.Installation;

/// <summary>Whether keys and passwords can be read by others of this machine.</summary>
internal sealed class SecretsCheck(DataFolder data, IStoreHome home) : IInstallationHealthCheck
{
    private const string Files = "files";

    private const UnixFileMode ForOthers = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
    private const UnixFileMode ForTheGroup = UnixFileMode.GroupWrite;

    public HealthDescription Description { get; } = new(
        "secrets",
        "Permissions of secrets",
        "Whether other users of this machine can read the data folder with its keys and its store, or the files with secrets that you name.",
        IsCritical: true)
    {
        Fields = [new HealthField(Files, "More files with secrets", HealthFieldKind.Lines, "") { Hint = "One a line, each a full path: /etc/shop/.env" }],
    };

    public Task<HealthAnswer> LookAsync(HealthQuestion question, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
        {
            return Task.FromResult(HealthAnswer.Unknown("The permissions of Windows are not read.", "Switch this check off here."));
        }

        // Nobody gets past a folder that is closed to them, whatever the files in it say.
        var own = IsOpen(data.Path) ? new[] { data.Path, Path.Combine(data.Path, "keys"), data.SettingsFile, home.File }.OfType<string>().Where(path => Path.Exists(path)).ToList() : [];
        var given = question.Values.Lines(Files);
        var missing = given.Where(file => !Path.Exists(file)).ToList();
        var open = own.Concat(given.Except(missing)).Where(IsOpen).ToList();
        return Task.FromResult(
            open.Count > 0 ? HealthAnswer.Fail($"Other users of this machine can read or change {Words.List(open, 5)}.", $"Take these rights away: chmod go-rwx, as the user {Environment.UserName}.")
            : missing.Count > 0 ? HealthAnswer.Unknown($"{Words.List(missing)} {(missing.Count == 1 ? "is" : "are")} not there.", "Correct the list of files.")
            : HealthAnswer.Pass($"Only {Environment.UserName} can read {(given.Count == 0 ? data.Path : $"{data.Path} and {Words.Count(given.Count, "file")} more")}."));
    }

    private static bool IsOpen(string path) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & (ForOthers | ForTheGroup)) != 0;
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Dashboard.Core.Databases;

namespace Dashboard.Postgres.Tools;

/// <summary>The programs of PostgreSQL that are installed here, by version. Where they are looked for is set by whoever runs the server.</summary>
internal sealed partial class FindTools(string? folder)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly string[] Parents = ["/usr/lib/postgresql", "/usr/local/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", @"C:\Program Files\PostgreSQL"];

    private readonly ConcurrentDictionary<(string Path, DateTime Written), Version?> _versions = new();

    /// <summary>
    /// Those of the server's own version, or else of the next newer: an archive of a much newer one may hold what the server does not understand.
    /// </summary>
    /// <param name="serverVersion">As server_version_num says: 150018.</param>
    /// <exception cref="DatabaseException">When none fits; the sentence names the package to install.</exception>
    public ToolSet ForServer(int serverVersion)
    {
        var major = serverVersion / 10000;
        var all = All();
        return all.Where(tools => tools.Version.Major >= major).OrderBy(tools => tools.Version.Major).ThenByDescending(tools => tools.Version).FirstOrDefault()
            ?? throw new DatabaseException(
                all.Count == 0
                    ? "pg_dump and pg_restore are not installed on this machine."
                    : $"This server is PostgreSQL {major}, and the newest pg_dump on this machine is {all.Max(tools => tools.Version.Major)}, which can't read it.",
                $"Install the package postgresql-client-{major}, or name the folder of its programs with Dashboard:PostgresTools. Nothing needs to be restarted.");
    }

    /// <summary>The newest, which reads the archives of all older ones.</summary>
    /// <exception cref="DatabaseException">When there are none.</exception>
    public ToolSet Newest() =>
        All().MaxBy(tools => tools.Version)
        ?? throw new DatabaseException("pg_dump and pg_restore are not installed on this machine.", "Install the package postgresql-client, or name the folder of its programs with Dashboard:PostgresTools.");

    /// <summary>Those with a psql that knows \restrict, which every supported version got in August 2025.</summary>
    /// <exception cref="DatabaseException">When there is none.</exception>
    public ToolSet WithRestrict()
    {
        var found = All().Where(tools => File.Exists(tools.Path("psql"))).OrderByDescending(tools => tools.Version).ToList();
        return found.FirstOrDefault(tools => VersionOf(new FileInfo(tools.Path("psql"))) is { } version && KnowsRestrict(version))
            ?? throw new DatabaseException(
                found.Count == 0 ? "psql is not installed on this machine." : "No psql on this machine knows \restrict, without which plain SQL could start programs here.",
                "Install postgresql-client 13.22, 14.19, 15.14, 16.10, 17.6 or newer.");
    }

    internal static bool KnowsRestrict(Version version) => version.Major switch
    {
        13 => version.Minor >= 22,
        14 => version.Minor >= 19,
        15 => version.Minor >= 14,
        16 => version.Minor >= 10,
        17 => version.Minor >= 6,
        var major => major >= 18,
    };

    private List<ToolSet> All()
    {
        var folders = new[] { folder }
            .Concat(Parents.Where(Directory.Exists).SelectMany(parent => Directory.EnumerateDirectories(parent)).Select(home => Path.Combine(home, "bin")))
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            .Where(place => !string.IsNullOrWhiteSpace(place) && Path.IsPathFullyQualified(place))
            .Select(place => place!)
            .Distinct();
        return [.. folders.Select(place => (Place: place, Version: VersionIn(place))).Where(found => found.Version is not null).Select(found => new ToolSet(found.Place, found.Version!))];
    }

    /// <summary>Asked of the program itself, once for each file as it is.</summary>
    private Version? VersionIn(string place)
    {
        var dump = new FileInfo(Path.Combine(place, ToolSet.FileName("pg_dump")));
        return dump.Exists && File.Exists(Path.Combine(place, ToolSet.FileName("pg_restore"))) ? VersionOf(dump) : null;
    }

    private Version? VersionOf(FileInfo program) => _versions.GetOrAdd((program.FullName, program.LastWriteTimeUtc), _ => Ask(program.FullName));

    private static Version? Ask(string program)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, ["--version"]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
            var said = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(Patience))
            {
                process.Kill(entireProcessTree: true);
                return null;
            }

            return VersionNumber().Match(said.Result) is { Success: true } found ? new Version(int.Parse(found.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture), found.Groups[2].Success ? int.Parse(found.Groups[2].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) : 0) : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    [GeneratedRegex(@"\(PostgreSQL\) (\d+)(?:\.(\d+))?")]
    private static partial Regex VersionNumber();
}

/// <summary>pg_dump, pg_restore and pg_dumpall of one version.</summary>
internal sealed record ToolSet(string Folder, Version Version)
{
    /// <summary>"pg_dump 15.18".</summary>
    public string Title => $"pg_dump {Version}";

    public string Path(string program) => System.IO.Path.Combine(Folder, FileName(program));

    public static string FileName(string program) => OperatingSystem.IsWindows() ? program + ".exe" : program;
}

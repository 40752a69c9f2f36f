using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Dashboard.Core.Store;
using Dashboard.Sqlite.Store;

namespace Dashboard.Core.Tests;

/// <summary>The rules of DESIGN.md on who may know whom, read from the assemblies, the project files and the using lines.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string[] Drivers = ["Microsoft.Data.Sqlite", "SQLitePCL", "Npgsql", "Microsoft.EntityFrameworkCore.Sqlite"];

    /// <summary>Folders of Core that every other one may use.</summary>
    private static readonly string[] ForAll = ["Access", "Configuration", "Databases", "Files", "Store"];

    /// <summary>What the other folders may use beside those.</summary>
    private static readonly Dictionary<string, string[]> Uses = new()
    {
        ["Jobs"] = [],
        ["Backups"] = ["Jobs"],
        ["Schedules"] = ["Jobs"],
        ["Maintenance"] = ["Backups", "Jobs", "Schedules"],
        ["Retention"] = ["Backups", "Jobs", "Schedules"],
        ["Metrics"] = [],
        ["Health"] = ["Backups", "Jobs", "Schedules"],
        ["Fleet"] = ["Backups", "Health", "Jobs", "Metrics", "Schedules"],
        ["FirstRun"] = ["Backups", "Jobs", "Metrics", "Schedules"],
    };

    /// <summary>Kept with its reason: what those for all may use in turn.</summary>
    private static readonly Dictionary<string, string[]> Exceptions = new()
    {
        // The engine's contract speaks of backups and of progress; adding and removing tell the feed.
        ["Databases"] = ["Backups", "Jobs"],

        // The compression is a setting.
        ["Configuration"] = ["Backups"],

        // One context holds every table.
        ["Store"] = ["Backups", "Health", "Jobs", "Maintenance", "Retention", "Schedules"],
    };

    private static readonly string Root = FindRoot();

    public static TheoryData<string> FoldersOfCore =>
        [.. Directory.EnumerateDirectories(Path.Combine(Root, "src", "Dashboard.Core")).Select(folder => Path.GetFileName(folder)).Where(folder => folder is not ("bin" or "obj"))];

    [Fact]
    public void Core_knows_no_driver_and_no_web()
    {
        string[] strangers = [.. Drivers, "MudBlazor", "Coravel", "Microsoft.AspNetCore", "Dashboard."];

        Assert.Empty(Known(typeof(DashboardStore).Assembly, strangers));
        Assert.Empty(ProjectReferences("Dashboard.Core"));
    }

    [Fact]
    public void Sqlite_knows_neither_the_web_nor_another_engine()
    {
        string[] strangers = ["Dashboard.Web", "Dashboard.Postgres", "Npgsql", "MudBlazor", "Coravel", "Microsoft.AspNetCore"];

        Assert.Empty(Known(typeof(SqliteStore).Assembly, strangers));
        Assert.Equal(["Dashboard.Core"], ProjectReferences("Dashboard.Sqlite"));
    }

    [Fact]
    public void Postgres_knows_neither_the_web_nor_another_engine()
    {
        string[] strangers = ["Dashboard.Web", "Dashboard.Sqlite", "Microsoft.Data.Sqlite", "Microsoft.EntityFrameworkCore.Sqlite", "SQLitePCL", "MudBlazor", "Coravel", "Microsoft.AspNetCore"];

        Assert.Empty(SourcesOf("Dashboard.Postgres").SelectMany(source => strangers.Where(stranger => source.Text.Contains(stranger, StringComparison.Ordinal)), (source, stranger) => $"{source.Name} knows {stranger}"));
        Assert.Equal(["Dashboard.Core"], ProjectReferences("Dashboard.Postgres"));
        Assert.DoesNotContain(PackageReferences("Dashboard.Postgres"), package => strangers.Any(stranger => package.StartsWith(stranger, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_engines_are_named_in_Hosting_and_Program_only()
    {
        var found = SourcesOf("Dashboard.Web")
            .Where(source => source.Text.Contains("Dashboard.Postgres", StringComparison.Ordinal) || source.Text.Contains("Dashboard.Sqlite", StringComparison.Ordinal))
            .Where(source => source.Name != "Program.cs" && !source.Text.Contains("namespace Dashboard.Web.Hosting;", StringComparison.Ordinal))
            .Select(source => source.Name);

        Assert.Empty(found);
    }

    [Theory]
    [MemberData(nameof(FoldersOfCore))]
    public void A_folder_of_Core_uses_only_what_it_may(string folder)
    {
        var isForAll = ForAll.Contains(folder);
        Assert.True(isForAll || Uses.ContainsKey(folder), $"src/Dashboard.Core/{folder} is new: say here what it may use.");
        string[] allowed = [folder, .. ForAll, .. isForAll ? Exceptions.GetValueOrDefault(folder, []) : Uses[folder]];

        var used = SourcesOf(Path.Combine("Dashboard.Core", folder))
            .SelectMany(source => CoreFolder().Matches(source.Text).Select(match => (source.Name, Folder: match.Groups[1].Value)))
            .Where(use => Directory.Exists(Path.Combine(Root, "src", "Dashboard.Core", use.Folder)));

        Assert.Empty(used.Where(use => !allowed.Contains(use.Folder)).Select(use => $"{use.Name} uses {use.Folder}"));
    }

    [Fact]
    public void A_driver_occurs_in_the_project_of_its_engine_and_nowhere_else()
    {
        var homes = new Dictionary<string, string> { ["Npgsql"] = "Dashboard.Postgres" };

        var found = Directory.EnumerateDirectories(Path.Combine(Root, "src")).Select(folder => Path.GetFileName(folder))
            .SelectMany(project => SourcesOf(project), (project, source) => (Project: project, source.Name, source.Text))
            .SelectMany(source => Drivers.Where(driver => source.Text.Contains(driver + ".", StringComparison.Ordinal) || source.Text.Contains($"using {driver};", StringComparison.Ordinal)), (source, driver) => (source.Project, source.Name, Driver: driver))
            .Where(use => use.Project != homes.GetValueOrDefault(use.Driver, "Dashboard.Sqlite"));

        Assert.Empty(found);
    }

    [Fact]
    public void Coravel_and_MudBlazor_are_known_to_the_web_alone()
    {
        var found = Directory.EnumerateDirectories(Path.Combine(Root, "src")).Select(folder => Path.GetFileName(folder)).Where(project => project != "Dashboard.Web")
            .SelectMany(project => SourcesOf(project))
            .Where(source => source.Text.Contains("Coravel", StringComparison.Ordinal) || source.Text.Contains("using MudBlazor", StringComparison.Ordinal))
            .Select(source => source.Name);

        Assert.Empty(found);
    }

    [Fact]
    public void The_rules_are_read_from_real_files()
    {
        Assert.Contains(SourcesOf("Dashboard.Core"), source => source.Name == "TakeBackup.cs" && CoreFolder().Matches(source.Text).Any(match => match.Groups[1].Value == "Jobs"));
        Assert.Contains(SourcesOf("Dashboard.Postgres"), source => source.Text.Contains("using Npgsql;", StringComparison.Ordinal));
        Assert.Contains(SourcesOf("Dashboard.Sqlite"), source => source.Text.Contains("using Microsoft.Data.Sqlite;", StringComparison.Ordinal));
    }

    private static List<string> Known(Assembly assembly, string[] strangers) =>
        [.. assembly.GetReferencedAssemblies().Select(name => name.Name!).Where(name => strangers.Any(stranger => name.StartsWith(stranger, StringComparison.Ordinal)))];

    private static IEnumerable<string> ProjectReferences(string project) => References(project, "ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference));

    private static IEnumerable<string> PackageReferences(string project) => References(project, "PackageReference");

    private static IEnumerable<string> References(string project, string kind) =>
        XDocument.Load(Path.Combine(Root, "src", project, project + ".csproj")).Descendants(kind).Select(reference => (string)reference.Attribute("Include")!);

    /// <summary>Without comments: a word in a sentence is no dependency.</summary>
    private static IEnumerable<(string Name, string Text)> SourcesOf(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, "src", folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal) && !file.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Select(file => (Path.GetFileName(file), Comment().Replace(File.ReadAllText(file), "")));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Dashboard.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("These tests run from within the repository.");
        }

        return folder.FullName;
    }

    [GeneratedRegex(@"\bDashboard\.Core\.([A-Z]\w*)")]
    private static partial Regex CoreFolder();

    [GeneratedRegex(@"//.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();
}

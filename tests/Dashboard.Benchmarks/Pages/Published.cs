using System.Diagnostics;

namespace Dashboard.Benchmarks.Pages;

/// <summary>Projects of this checkout, published as they would be for a server: nothing else lies beside them, and the browser gets compressed files.</summary>
internal sealed class Published(string scratch)
{
    /// <summary>Publishes a project and returns the path of its assembly.</summary>
    public async Task<string> AssemblyAsync(string project)
    {
        var name = Path.GetFileName(project);
        var folder = Path.Combine(scratch, "published", name);
        var assembly = Path.Combine(folder, name + ".dll");
        if (!File.Exists(assembly))
        {
            await RunAsync(Checkout(), "dotnet", "publish", project, "-c", "Release", "-o", folder, "--nologo", "-v", "quiet", "--disable-build-servers");
        }

        return assembly;
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task RunAsync(string folder, string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.\n{string.Concat(output)}");
        }
    }

    private static string Checkout()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Dashboard.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The benchmarks run outside of a checkout.");
        }

        return folder.FullName;
    }
}

using System.Diagnostics;
using System.Text;

namespace Dashboard.Postgres.Tools;

/// <summary>
/// One of PostgreSQL's programs at work. The password reaches it through a file that only this user may read; names reach it quoted, never as text
/// that it could take for something else; nothing of this process's own PG… variables reaches it.
/// </summary>
internal sealed class RunTool : IDisposable
{
    private const int MostLines = 2000;

    private readonly List<string> _said = [];
    private readonly Lock _gate = new();
    private readonly string? _passFile;
    private readonly Task _reading;
    private bool _isGone;

    private RunTool(Process process, string? passFile, Action<string>? heard)
    {
        Process = process;
        _passFile = passFile;
        _reading = ReadAsync(heard);
    }

    public Process Process { get; }

    /// <summary>What it wrote to its standard error, without what only tells how far it is.</summary>
    public IReadOnlyList<string> Said
    {
        get
        {
            lock (_gate)
            {
                return [.. _said];
            }
        }
    }

    /// <summary>What it, or the server through it, complains of without stopping; each with the details that follow it.</summary>
    public IReadOnlyList<string> Warnings
    {
        get
        {
            List<string> warnings = [];
            var isOfWarning = false;
            foreach (var line in Said)
            {
                var isDetail = IsDetail(line);
                if (IsWarning(line))
                {
                    warnings.Add(After(line));
                }
                else if (isDetail && isOfWarning)
                {
                    warnings[^1] += $" ({After(line)})";
                }

                isOfWarning = IsWarning(line) || (isDetail && isOfWarning);
            }

            return [.. warnings.Distinct()];
        }
    }

    /// <summary>What it could not do.</summary>
    public IReadOnlyList<string> Errors => [.. Said.Where(line => line.Contains(": error:", StringComparison.Ordinal) || line.Contains(": fatal:", StringComparison.Ordinal)).Select(After)];

    /// <summary>Why it stopped, in its own words.</summary>
    public string Fault => Errors is { Count: > 0 } errors ? string.Join(" ", errors.Take(3)) : Said.Count > 0 ? Said[^1] : $"it ended with {(Process.HasExited ? Process.ExitCode : 0)} and said nothing";

    /// <param name="target">The database that it works on; null when it needs no server.</param>
    /// <param name="passFile">Where the password is put while it runs; a path that nobody else uses.</param>
    /// <param name="heard">Hears each line of its standard error.</param>
    public static RunTool Start(ToolSet tools, string program, IEnumerable<string> arguments, ToolTarget? target = null, string? passFile = null, Action<string>? heard = null)
    {
        var start = new ProcessStartInfo(tools.Path(program))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["LC_ALL"] = "C";
        start.Environment["PGSERVICEFILE"] = start.Environment["PGSYSCONFDIR"] = OperatingSystem.IsWindows() ? "NUL" : "/dev/null";
        if (target is not null)
        {
            start.ArgumentList.Add("--no-password");
            start.ArgumentList.Add("--dbname=" + target.ToConnectionText(tools));
            if (target.Password is not null && passFile is not null)
            {
                PassFile.Write(passFile, target.At, target.Password);
                start.Environment["PGPASSFILE"] = passFile;
            }
        }

        try
        {
            return new RunTool(Process.Start(start)!, passFile, heard);
        }
        catch
        {
            Remove(passFile);
            throw;
        }
    }

    /// <summary>Waits for its end and for all that it said.</summary>
    public async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        await Process.WaitForExitAsync(cancellationToken);
        await _reading.WaitAsync(cancellationToken);
        return Process.ExitCode;
    }

    /// <summary>Ends it at once where it still runs; its sessions are ended by whoever knows their name.</summary>
    public void Dispose()
    {
        if (_isGone)
        {
            return;
        }

        _isGone = true;
        if (!Process.HasExited)
        {
            Process.Kill(entireProcessTree: true);
            Process.WaitForExit();
        }

        Process.Dispose();
        Remove(_passFile);
    }

    private static void Remove(string? passFile)
    {
        if (passFile is not null)
        {
            File.Delete(passFile);
        }
    }

    private static string After(string line)
    {
        // A server's own words come without the name of the tool before them.
        var first = line.StartsWith("pg_", StringComparison.Ordinal) ? line.IndexOf(": ", StringComparison.Ordinal) + 2 : 0;
        var colon = line.IndexOf(": ", first, StringComparison.Ordinal);
        return colon < 0 ? line : line[(colon + 2)..].TrimStart();
    }

    private static bool IsWarning(string line) =>
        line.Contains(": warning:", StringComparison.Ordinal) || line.Contains(": WARNING:", StringComparison.Ordinal) || line.StartsWith("WARNING:", StringComparison.Ordinal);

    private static bool IsDetail(string line) =>
        line.Contains(": detail:", StringComparison.Ordinal) || line.StartsWith("DETAIL:", StringComparison.Ordinal);

    private async Task ReadAsync(Action<string>? heard)
    {
        while (await Process.StandardError.ReadLineAsync() is { } line)
        {
            heard?.Invoke(line);
            if (!IsProgress(line))
            {
                lock (_gate)
                {
                    if (_said.Count < MostLines)
                    {
                        _said.Add(line);
                    }
                }
            }
        }
    }

    /// <summary>What --verbose adds: neither a warning nor an error, nor what belongs to one.</summary>
    private static bool IsProgress(string line)
    {
        if (!line.StartsWith("pg_", StringComparison.Ordinal) || line.IndexOf(": ", StringComparison.Ordinal) is not (> 0 and var colon))
        {
            return false;
        }

        var word = line.AsSpan(colon + 2);
        return !(word.StartsWith("warning:") || word.StartsWith("WARNING:") || word.StartsWith("error:") || word.StartsWith("fatal:") || word.StartsWith("detail:") || word.StartsWith("hint:") || word.StartsWith("from TOC entry"));
    }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Restores;
using Dashboard.Postgres.Schemas;
using Dashboard.Postgres.Tools;
using Npgsql;

namespace Dashboard.Postgres.Foreign;

/// <summary>
/// Plain SQL of somebody else's into a new database. psql could start programs on this machine: it is told \restrict first, after which it takes no command
/// of its own. The server could do so too, and reach every other database: the script runs as a role that may do neither.
/// </summary>
internal sealed partial class RunScript(PostgresLocation at, CopyWork work, Watching watching, FindTools tools, RunProgress progress)
{
    private readonly string _role = WeakRole.NameFor(work.Label);

    public static async Task<string?> FindBlockerAsync(PostgresLocation at, Watching watching, FindTools tools, CancellationToken cancellationToken)
    {
        try
        {
            tools.WithRestrict();
        }
        catch (DatabaseException missing)
        {
            return $"{missing.Message} {missing.NextStep}";
        }

        await using var maintenance = await MaintenanceDatabase.OpenAsync(at, watching, cancellationToken, TimeSpan.FromSeconds(10));
        return await WeakRole.FindBlockerAsync(at, maintenance, cancellationToken);
    }

    public async Task<CopyResult> RunAsync(CancellationToken cancellationToken)
    {
        var (name, unfinished) = (Names.Copy(at.Database, work.Label), Names.UnfinishedCopy(at.Database, work.Label));
        var psql = tools.WithRestrict();
        await using var maintenance = await MaintenanceDatabase.OpenAsync(at, watching, cancellationToken);
        if (await WeakRole.FindBlockerAsync(at, maintenance, cancellationToken) is { } blocker)
        {
            throw new DatabaseException(blocker);
        }

        try
        {
            progress.Phase("Making a new database");
            var password = await WeakRole.CreateAsync(maintenance, _role, cancellationToken);
            await Blueprint.CreateAsync(maintenance, at.Database, unfinished, cancellationToken, _role);
            var script = new DumpScript();
            await LoadAsync(psql, new ToolTarget(at with { User = _role }, unfinished, password, ToolTarget.NewApplication("script")), script, cancellationToken);

            // As the weak role too: ANALYZE runs functions that the script made.
            progress.Phase("Analyzing");
            await using (var connection = await PostgresConnections.OpenAsync(at with { User = _role }, password, null, cancellationToken, unfinished))
            {
                await connection.ExecuteAsync("ANALYZE", cancellationToken);
            }

            await WeakRole.CloseAsync(maintenance, _role, cancellationToken);
            await EndSessionsAsync(maintenance, unfinished, cancellationToken);
            await maintenance.ExecuteAsync($"ALTER DATABASE {TableName.Quote(unfinished)} RENAME TO {TableName.Quote(name)}", cancellationToken);
            return new CopyResult((at with { Database = name }).ToString(), script.LeftOut == 0 ? [] : [LeftOut(script)]);
        }
        catch
        {
            await MaintenanceDatabase.InsistAsync(at, watching, async last =>
            {
                await MaintenanceDatabase.DropAsync(last, at, watching, unfinished, CancellationToken.None);
                await WeakRole.RemoveAsync(last, _role, CancellationToken.None);
                return true;
            }, cancellationToken);
            throw;
        }
    }

    private string LeftOut(DumpScript script) =>
        $"Owners and rights were left out{(script.Roles.Count == 0 ? "" : $" ({Words.List([.. script.Roles], 5)})")}: all of it belongs to the role {_role}, which nobody can sign in as.";

    private async Task LoadAsync(ToolSet psql, ToolTarget target, DumpScript script, CancellationToken cancellationToken)
    {
        progress.Phase("Running the script", new FileInfo(work.File).Length);
        string? fault = null;
        using var tool = RunTool.Start(
            psql,
            "psql",
            ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction", "--file=-"],
            target,
            work.File + ".pass",
            line => fault ??= Fault().IsMatch(line) ? line : null);
        var output = tool.Process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, cancellationToken);
        await FeedAsync(tool.Process.StandardInput.BaseStream, script, cancellationToken);
        await output;
        if (await tool.WaitAsync(cancellationToken) != 0)
        {
            throw Explain(fault ?? tool.Fault);
        }
    }

    private async Task FeedAsync(Stream psql, DumpScript script, CancellationToken cancellationToken)
    {
        try
        {
            await using var input = new BufferedStream(psql, 1 << 17);
            await input.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"\\restrict {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24))}\n"), cancellationToken);
            await using var content = new FileStream(work.File, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);
            await ReadLines.RunAsync(content, async line =>
            {
                if (script.Take(line.Span))
                {
                    await input.WriteAsync(line, cancellationToken);
                }

                // Also for what is left out, so that psql counts lines as the file has them.
                input.WriteByte((byte)'\n');
                progress.Report(content.Position);
            }, cancellationToken);
        }
        catch (IOException)
        {
            // psql has stopped, and says why.
        }
    }

    private static async Task EndSessionsAsync(NpgsqlConnection maintenance, string database, CancellationToken cancellationToken) =>
        await maintenance.AskAsync<long>("SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid() AND backend_type = 'client backend'", cancellationToken, database);

    private DatabaseException Explain(string said)
    {
        var words = said;
        if (Fault().Match(said) is { Success: true } match)
        {
            // Our own line stands before the first of the file.
            var line = match.Groups[1].Success ? $"line {int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) - 1}: " : "";
            words = line + match.Groups[2].Value.TrimEnd('.');
        }

        return words.Contains("backslash commands are restricted", StringComparison.Ordinal) || words.Contains("unrestrict", StringComparison.Ordinal)
            ? new DatabaseException($"Refused: it holds a command of psql's own, which could start a program on the dashboard's machine ({words}). Nothing was kept of it.", "Take the dump with pg_dump --format=custom, or without --create. Run it by hand if you know what it does.")
            : words.Contains("permission denied", StringComparison.Ordinal) || words.Contains("must be ", StringComparison.Ordinal)
            ? new DatabaseException($"Refused: it asks for more than filling its own database ({words}). Nothing was kept of it.", "Look what it does there; take the dump with pg_dump --format=custom if it is to be trusted.")
            : said.StartsWith("psql: ", StringComparison.Ordinal)
            ? new DatabaseException($"{at.ServerWords} does not let the role in that plain SQL is run by: {words}. Nothing was kept of it.", "Let roles named dashboard_restored_… in from this machine (pg_hba.conf), or take the dump with pg_dump --format=custom.")
            : new DatabaseException($"psql stopped: {words}. Nothing was kept of it.", "The script does not fit this server: look at that line.");
    }

    [GeneratedRegex(@"^psql:(?:<stdin>:(\d+):)? (?:error|ERROR|FATAL): +(.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Fault();
}

using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Postgres.Archives;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Locations;
using Dashboard.Postgres.Tools;
using Npgsql;

namespace Dashboard.Postgres.Backups;

/// <summary>
/// pg_dump in its custom format, through a pipe: when this process dies, so does the dump. Not compressed by it, for what compresses the stream does that
/// in half the time. What its login can't read is found before, not at 02:00 in the middle.
/// </summary>
internal sealed class WriteBackup(PostgresLocation at, Watching watching, FindTools tools, BackupStaging staging, RunProgress progress)
{
    /// <summary>For pg_dump's own locks, which conflict only with changes of the schema.</summary>
    private const string LockPatience = "60s";

    /// <summary>What is gathered before it is packed: pg_dump writes a few thousand bytes at a time.</summary>
    private const int Piece = 1 << 18;

    /// <summary>How long others may stand behind our dump before it gives way.</summary>
    private static readonly TimeSpan GiveWay = TimeSpan.FromSeconds(5);

    private readonly string _application = ToolTarget.NewApplication("dump");

    public async Task<BackupContent> RunAsync(CancellationToken cancellationToken)
    {
        progress.Phase("Looking");
        var dump = new DumpProgress(progress);
        var password = await watching.FindPasswordAsync(at, cancellationToken);
        await DemandOwnSessionAsync(password, cancellationToken);
        var (look, identity) = await watching.AskAsync(at, async connection => (await LoginLook.ReadAsync(connection, cancellationToken), await BackupIdentity.ReadAsync(connection, cancellationToken)), cancellationToken);
        var warnings = DemandReadable(look);
        var chosen = tools.ForServer(look.VersionNumber);
        var target = new ToolTarget(at, at.Database, password, _application);

        await watching.AskAsync(at, async connection =>
        {
            await dump.BeginAsync(connection, cancellationToken);
            return true;
        }, cancellationToken);

        IReadOnlyList<TableRows> counted;
        string? roles;
        using var defined = ReadEntries.Start(tools);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = ReadRolesAsync(chosen, target, stop.Token);
        var searching = OrphanWarnings.FindAsync(at, password, _application, stop.Token);
        OrphanWarnings orphans;
        try
        {
            await using var source = staging.CountsSource ? await OpenSourceAsync(password, cancellationToken) : null;
            (var told, counted) = await DumpAsync(chosen, target, dump, source, defined, cancellationToken);
            warnings.AddRange(told.Where(warning => !Subscriptions.IsTold(warning)));
            (roles, var roleWarning) = await reading;
            if (roleWarning is not null)
            {
                warnings.Add(roleWarning);
            }

            dump.End();
            orphans = await WaitAsync(searching);
            warnings.AddRange(orphans.Warnings);
        }
        catch
        {
            await stop.CancelAsync();
            await Task.WhenAll(reading, searching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Sessions.EndAsync(at, _application, watching);
            throw;
        }

        var entries = await defined.EndAsync(cancellationToken);
        var (unrestorable, notChecked) = await FindPathFaultsAsync(entries, cancellationToken);
        warnings.AddRange(unrestorable);
        identity["tool"] = chosen.Title;
        return new BackupContent(counted, look.SizeBytes, $"PostgreSQL {look.Version}", CheckLevel.Written, warnings, identity)
        {
            Notes =
            [
                .. orphans.Notes,
                .. EmptyDatabase.NotesOf(look.Tables),
                .. look.HiddenMappings.Select(mapping => $"The options of the user mapping of {mapping} are not in the backup: {at.User} may not read them."),
                .. notChecked,
                .. FindSecrets.Run(entries),
            ],
            Companions = roles is null ? [] : [new Companion(".roles.sql", roles)],
        };
    }

    /// <summary>Of small tables the search is over before the dump is.</summary>
    private Task<OrphanWarnings> WaitAsync(Task<OrphanWarnings> searching)
    {
        if (!searching.IsCompleted)
        {
            progress.Phase("Checking foreign keys");
        }

        return searching;
    }

    /// <summary>pg_dump sets up its sessions for itself. Behind a pooler those settings would stay with the application.</summary>
    /// <exception cref="DatabaseException">When a pooler answers.</exception>
    private async Task DemandOwnSessionAsync(string? password, CancellationToken cancellationToken) =>
        await (await PostgresConnections.OpenAsync(at, password, null, cancellationToken, name: _application)).DisposeAsync();

    /// <exception cref="DatabaseException">When the dump would fail, or would leave rows out.</exception>
    private List<string> DemandReadable(LoginLook look)
    {
        // Each by its name in the log; the sentence names three.
        foreach (var table in look.Unreadable.Concat(look.RowSecured).Distinct())
        {
            progress.Warn($"{table} can't be read whole by {at.User}.");
        }

        if (look.Unreadable.Count > 0)
        {
            throw new DatabaseException($"{at.User} may not read {Words.List(look.Unreadable, 3)}, so there would be no whole backup.", $"Let it read every table: GRANT pg_read_all_data TO {Schemas.TableName.Quote(at.User)}.");
        }

        if (look.RowSecured.Count > 0)
        {
            throw new DatabaseException($"Row security hides rows of {Words.List(look.RowSecured, 3)} from {at.User}, so there would be no whole backup.", $"Let it pass: ALTER ROLE {Schemas.TableName.Quote(at.User)} BYPASSRLS.");
        }

        if (look.LargeObjects.Count > 0)
        {
            throw new DatabaseException($"{at.User} may not read {string.Join("; ", look.LargeObjects.Select(Advice.Name))}, so there would be no whole backup.", string.Join(" ", look.LargeObjects.Select(objects => Advice.Read(at.User, objects))));
        }

        return [.. look.Subscriptions.Select(name => $"The subscription {name} is left out: only a superuser may read it.")];
    }

    /// <summary>What of the dump no restore could make as it is: no backup to rely on. A table without rows has nothing to compute.</summary>
    private Task<(List<string> Warnings, List<string> Notes)> FindPathFaultsAsync(IReadOnlyList<ArchiveEntry> entries, CancellationToken cancellationToken) =>
        watching.AskAsync(at, async connection =>
        {
            List<string> warnings = [];
            List<string> notes = [];
            foreach (var fault in await JudgePathSuspects.RunAsync(connection, FindPathSuspects.Run(entries), cancellationToken))
            {
                try
                {
                    if (fault.Suspect.Table is not { } table || await connection.AskAsync<bool>($"SELECT EXISTS (SELECT FROM {table})", cancellationToken))
                    {
                        warnings.Add($"{fault.Problem} {fault.Cure}");
                    }
                }
                catch (PostgresException same) when (same.SqlState is PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedObject)
                {
                    // Planning the question computes an index of the table, and fails as the restore would.
                    warnings.Add($"{fault.Problem} {fault.Cure}");
                }
                catch (PostgresException unanswered) when (!cancellationToken.IsCancellationRequested)
                {
                    notes.Add($"Not checked whether {fault.Suspect.Table} has rows ({unanswered.MessageText}). If it has: {fault.Problem} {fault.Cure}");
                }
            }

            return (warnings, notes);
        }, cancellationToken);

    /// <exception cref="DatabaseException">When a table stays locked.</exception>
    private async Task<SourceSnapshot> OpenSourceAsync(string? password, CancellationToken cancellationToken)
    {
        try
        {
            return await SourceSnapshot.OpenAsync(at, password, _application, LockPatience, cancellationToken);
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw Explain(fault.MessageText, at.Database);
        }
    }

    /// <summary>Returns what it warned of, and the rows that were counted in the source.</summary>
    private async Task<(IReadOnlyList<string> Warnings, IReadOnlyList<TableRows> Counted)> DumpAsync(ToolSet chosen, ToolTarget target, DumpProgress dump, SourceSnapshot? source, ReadEntries defined, CancellationToken cancellationToken)
    {
        using var tool = RunTool.Start(chosen, "pg_dump", ["--format=custom", "--compress=0", "--verbose", $"--lock-wait-timeout={LockPatience}", .. source is null ? Array.Empty<string>() : ["--snapshot=" + source.Id]], target, staging.WorkFile + ".pass", dump.Heard);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watch = WatchAsync(dump, stop.Token);
        var counting = source?.CountAsync(stop.Token) ?? Task.FromResult<IReadOnlyList<TableRows>>([]);

        // A thread of its own: each asynchronous read of so few bytes is a hop to the pool.
        var copy = Task.Factory.StartNew(() => Copy(tool.Process.StandardOutput.BaseStream, defined, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            // The watch ends before the copy only to say that others wait.
            await await Task.WhenAny(copy, watch, EndOfFaultyAsync(counting));
            var code = await tool.WaitAsync(cancellationToken);
            if (code != 0 || tool.Errors.Count > 0)
            {
                throw ConnectionRefusals.Find(tool.Fault, at) ?? DumpDamage.Find(tool.Said) ?? Explain(tool.Fault, at.Database);
            }

            await await Task.WhenAny(counting, watch);
            return (tool.Warnings, await counting);
        }
        finally
        {
            // Nobody writes into the artefact any more when this returns: the end of the tool is the end of the copy.
            await stop.CancelAsync();
            tool.Dispose();
            await Task.WhenAll(copy, watch, counting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A count that can't go on ends the dump; one that is done waits for it.</summary>
    private static async Task EndOfFaultyAsync(Task counting)
    {
        await counting;
        await new TaskCompletionSource().Task;
    }

    /// <summary>A read ends with the tool; a write, which may stand still on a disk that hangs, ends when told to.</summary>
    private void Copy(Stream output, ReadEntries defined, CancellationToken stop)
    {
        WidePipe.Widen(output);
        var buffer = new byte[Piece];
        int read;
        while ((read = output.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)) > 0)
        {
            defined.Write(buffer.AsSpan(0, read));
            var write = staging.Artefact.WriteAsync(buffer.AsMemory(0, read), stop);
            if (!write.IsCompletedSuccessfully)
            {
                write.AsTask().GetAwaiter().GetResult();
            }
        }
    }

    /// <summary>Waiting for a lock, pg_dump lets the server keep the time as that of a statement; no other statement of its own has one.</summary>
    internal static DatabaseException Explain(string words, string database) =>
        words.Contains("due to statement timeout", StringComparison.Ordinal) || words.Contains("due to lock timeout", StringComparison.Ordinal)
            ? new DatabaseBusyException($"A table of {database} was locked for longer than {LockPatience}: {words}", "Back up again when what changes its schema is done.")
            : new DatabaseException($"pg_dump stopped: {words}", "Nothing was kept of it. Read the log of this run, then back up again.");

    /// <summary>Follows the rows, and looks whether somebody waits for what our dump holds.</summary>
    /// <exception cref="DatabaseBusyException">When the dump must give way.</exception>
    private Task WatchAsync(DumpProgress dump, CancellationToken stop)
    {
        return WatchTool.RunAsync(async () =>
        {
            var (tables, waiting) = await watching.AskServerAsync(at, AskAsync, stop);
            tables.ForEach(table => dump.Reached(table.Oid, table.Rows));
            if (waiting.Count > 0)
            {
                throw new DatabaseBusyException(
                    $"The backup gave way: {waiting[0]} waited for {GiveWay.TotalSeconds:0} seconds for a table that it was reading, and everybody else behind that.",
                    "Back up again when the change of the schema is done.");
            }
        }, watching.Time, stop);

        async Task<(List<(uint Oid, long Rows)> Tables, List<string> Waiting)> AskAsync(NpgsqlConnection connection) => (
            connection.PostgreSqlVersion.Major < 14 ? [] : await connection.ListAsync(
                "SELECT p.relid, p.tuples_processed FROM pg_stat_progress_copy p JOIN pg_stat_activity a USING (pid) WHERE a.application_name = $1",
                reader => (reader.GetFieldValue<uint>(0), reader.GetInt64(1)),
                stop,
                _application),
            await connection.ListAsync(
                """
                SELECT coalesce(nullif(w.application_name, ''), w.usename::text, 'a session') || ' (pid ' || w.pid || ')'
                FROM pg_locks l JOIN pg_stat_activity w ON w.pid = l.pid
                WHERE NOT l.granted AND l.waitstart < now() - make_interval(secs => $2)
                  AND EXISTS (SELECT FROM pg_stat_activity ours WHERE ours.application_name = $1 AND ours.pid = ANY (pg_blocking_pids(w.pid)))
                """,
                reader => reader.GetString(0),
                stop,
                _application,
                GiveWay.TotalSeconds));
    }

    /// <summary>Roles are in no dump of a database; they are read beside it. Without their passwords, which only a superuser may read and nobody should find in a file.</summary>
    private async Task<(string? Roles, string? Warning)> ReadRolesAsync(ToolSet chosen, ToolTarget target, CancellationToken cancellationToken)
    {
        using var tool = RunTool.Start(chosen, "pg_dumpall", ["--roles-only", "--no-role-passwords"], target, staging.WorkFile + ".roles.pass");
        var text = await tool.Process.StandardOutput.ReadToEndAsync(cancellationToken);
        return await tool.WaitAsync(cancellationToken) == 0 && tool.Errors.Count == 0
            ? (text, null)
            : (null, $"The roles could not be saved: {tool.Fault}");
    }
}

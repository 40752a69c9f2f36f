using System.Diagnostics;
using System.Globalization;
using Dashboard.Core.Backups;
using Dashboard.Core.Files;
using Dashboard.Core.Jobs;
using Dashboard.Postgres;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Tools;
using Npgsql;

namespace Dashboard.Benchmarks;

/// <summary>
/// Bars 9 to 11: a dump through the product beside pg_dump as it comes, its bar beside the truth, and the product's restore beside pg_restore with one
/// worker; clients connect anew all the while that names change.
/// </summary>
internal sealed class DumpBars(BenchmarkOptions options, string scratch, Figures figures)
{
    private const int Clients = 4;

    /// <summary>A server does this every night: what counts is its code once the runtime has made it fast.</summary>
    private const int WarmUps = 8;

    public async Task MeasureAsync()
    {
        var name = $"benchmark_{Guid.NewGuid():N}"[..20];
        var at = BenchmarkServer.Location with { Database = name };
        await BenchmarkServer.RunAsync(BenchmarkServer.Location, $"CREATE DATABASE {name} TEMPLATE template0");
        try
        {
            await FillAsync(at);
            await using var engine = new PostgresEngine(new BenchmarkServer(), TimeProvider.System);
            if (options.Wants(9))
            {
                await MeasureDumpsAsync(engine, at);
            }

            if (options.Wants(10))
            {
                await MeasureProgressAsync(engine, at);
            }

            if (options.Wants(11))
            {
                await MeasureRestoresAsync(engine, at);
            }
        }
        finally
        {
            foreach (var left in await NamesAsync(name))
            {
                await BenchmarkServer.RunAsync(BenchmarkServer.Location, $"DROP DATABASE IF EXISTS \"{left}\" WITH (FORCE)");
            }
        }
    }

    /// <summary>
    /// pgbench's accounts, and rows of text and jsonb with eight digests each: of a GiB pg_dump makes 580 MiB, and 58 of them with its own compression.
    /// How fast its own compression is depends on the data, and the ratio with it.
    /// </summary>
    private async Task FillAsync(PostgresLocation at)
    {
        await BenchmarkServer.RunAsync(
            at,
            $"""
            CREATE TABLE public.accounts (aid int, bid int, balance int, filler char(84));
            INSERT INTO public.accounts SELECT i, (i - 1) / 100000 + 1, 0, '' FROM generate_series(1, {options.Mib * 5000}) i;
            ALTER TABLE public.accounts ADD PRIMARY KEY (aid);
            CREATE TABLE public.documents (id int PRIMARY KEY, body text, tags jsonb);
            INSERT INTO public.documents
            SELECT i,
                concat_ws(' ', md5(i::text), 'delivered to the back door, signed for by', md5((i * 3)::text), md5((i * 7)::text), 'on the morning of day', i % 365, '; the rest follows by rail. Reference', md5((i * 5)::text), md5((i * 11)::text)),
                jsonb_build_object('customer', i, 'first', md5(i || 'b'), 'second', md5(i || 'c'))
            FROM generate_series(1, {options.Mib * 300}) i;
            CREATE INDEX ON public.documents USING gin (tags);
            """);
        await BenchmarkServer.RunAsync(at, "VACUUM ANALYZE");
        await using var connection = await PostgresConnections.OpenAsync(at, BenchmarkServer.Password, null, CancellationToken.None);
        Figures.Inform($"{await connection.AskAsync<long>("SELECT pg_database_size(current_database())", CancellationToken.None) >> 20} MiB");
    }

    /// <summary>All four end on the disk: pg_dump syncs what it writes into a file itself.</summary>
    private async Task MeasureDumpsAsync(PostgresEngine engine, PostgresLocation at)
    {
        List<double> ours = [], plain = [], piped = [], parallel = [];
        var (mine, theirs, folder) = (Path.Combine(scratch, "ours.dump.zst"), Path.Combine(scratch, "theirs.dump"), Path.Combine(scratch, "parallel.dump"));
        for (var warmUp = 0; warmUp < WarmUps; warmUp++)
        {
            File.Delete(mine);
            await WriteAsync(engine, at, mine);
        }

        for (var round = 0; round < options.Rounds; round++)
        {
            File.Delete(mine);
            ours.Add(await SecondsAsync(() => WriteAsync(engine, at, mine)));
            piped.Add(await ShellAsync(at, "pg_dump --format=custom --compress=0 \"$1\" | zstd -q -1 -T2 -f -o \"$2\" && sync \"$2\"", Path.Combine(scratch, "piped.zst")));
            plain.Add(await ToolAsync(at, "pg_dump", "--format=custom", $"--file={theirs}"));
            parallel.Add(await ToolAsync(at, "pg_dump", "--format=directory", "--jobs=2", "--compress=1", $"--file={folder}"));
            Directory.Delete(folder, recursive: true);
        }

        figures.AddRatio("9 dump through the product, on the disk / pg_dump -Fc", ours, plain, 0.55);
        figures.AddRatio("9 the same / pg_dump -Fc -Z0 through zstd -1 -T2, on the disk", ours, piped, 1.05);
        figures.Add("9 its size / that of pg_dump -Fc", (double)new FileInfo(mine).Length / new FileInfo(theirs).Length, 1.15, $"{new FileInfo(mine).Length >> 20} / {new FileInfo(theirs).Length >> 20} MiB");
        Figures.Inform(string.Create(CultureInfo.InvariantCulture, $"pg_dump into a directory with two jobs takes {Figures.Median(parallel) / Figures.Median(plain):0.00} of pg_dump -Fc"));
    }

    /// <summary>The content is written as it comes, so that the bytes in the file are the truth.</summary>
    private async Task MeasureProgressAsync(PostgresEngine engine, PostgresLocation at)
    {
        List<double> firsts = [], silences = [], offs = [];
        for (var round = 0; round < options.Rounds; round++)
        {
            await using var file = File.Create(Path.Combine(scratch, "seen.dump"));
            var seen = new DumpSeen(file);
            await engine.WriteBackupAsync(at.ToString(), new BackupStaging(Path.Combine(scratch, "seen.work"), file), seen, CancellationToken.None);
            firsts.Add(seen.FirstAfter);
            silences.Add(seen.LongestSilence);
            offs.Add(seen.FarthestOff);
        }

        figures.AddRounds("10 first progress of a dump after, s", firsts, 1);
        figures.AddRounds("10 longest without progress, s", silences, 1);
        figures.AddRounds("10 the bar is off by, at most", offs, 0.05);
    }

    private async Task MeasureRestoresAsync(PostgresEngine engine, PostgresLocation at)
    {
        var file = Path.Combine(scratch, "plain.dump");
        await using (var plain = File.Create(file))
        {
            await engine.WriteBackupAsync(at.ToString(), new BackupStaging(Path.Combine(scratch, "plain.work"), plain), RunProgress.None, CancellationToken.None);
        }

        List<double> ours = [], one = [], swaps = [], undos = [];
        var mostFailures = 0;
        for (var round = 0; round < options.Rounds; round++)
        {
            var watch = new PhaseTimes();
            var undo = engine.PlaceUndoBeside(at.ToString(), DateTimeOffset.UnixEpoch.AddDays(20_000).AddSeconds(round * 2))!;
            var (swap, failures) = await BesideClientsAsync(at, watch.IsRestored, () => engine.RestoreAsync(at.ToString(), new RestoreWork(ContentPlace.File(file), undo, _ => Task.CompletedTask), watch, CancellationToken.None));
            ours.Add(watch.SecondsOf("Restoring"));
            swaps.Add(swap);
            mostFailures = Math.Max(mostFailures, failures);

            var again = engine.PlaceUndoBeside(at.ToString(), DateTimeOffset.UnixEpoch.AddDays(20_000).AddSeconds(round * 2 + 1))!;
            (swap, failures) = await BesideClientsAsync(at, Task.CompletedTask, () => engine.RestoreAsync(at.ToString(), new RestoreWork(undo, again, _ => Task.CompletedTask), RunProgress.None, CancellationToken.None));
            undos.Add(swap);
            mostFailures = Math.Max(mostFailures, failures);
            await engine.DropKeptAsync(at.ToString(), again, CancellationToken.None);

            var single = at.Database + "_one";
            await BenchmarkServer.RunAsync(BenchmarkServer.Location, $"CREATE DATABASE {single} TEMPLATE template0");
            one.Add(await ToolAsync(at with { Database = single }, "pg_restore", "--exit-on-error", "--jobs=1", file));
            await BenchmarkServer.RunAsync(BenchmarkServer.Location, $"DROP DATABASE {single} WITH (FORCE)");
        }

        figures.AddRatio("11 restore with workers / with one", ours, one, 0.8);
        figures.AddRounds("11 longest time without a connection while the names change, ms", swaps, 500);
        figures.AddRounds("11 the same of an undo, ms", undos, 250);
        figures.Add("11 refused connections of a client, at most", mostFailures, 1, $"{Clients} clients");
    }

    /// <summary>
    /// Clients that connect, ask and leave, again and again: the longest time that one had no answer, and how often it was refused a connection. One that
    /// it has is ended by the swap, which is no refusal.
    /// </summary>
    /// <param name="begin">Until then they leave the cores to what is measured.</param>
    private static async Task<(double Milliseconds, int Failures)> BesideClientsAsync(PostgresLocation at, Task begin, Func<Task> work)
    {
        using var over = new CancellationTokenSource();
        var clients = Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            await begin;
            return await ClientAsync(at, over.Token);
        })).ToList();
        await work();
        await over.CancelAsync();
        var seen = await Task.WhenAll(clients);
        return (seen.Max(client => client.Longest), seen.Max(client => client.Failures));
    }

    private static async Task<(double Longest, int Failures)> ClientAsync(PostgresLocation at, CancellationToken over)
    {
        var (longest, failures, isOpen, last) = (0.0, 0, false, Stopwatch.GetTimestamp());
        while (!over.IsCancellationRequested)
        {
            try
            {
                isOpen = false;
                await using var connection = await PostgresConnections.OpenAsync(at, BenchmarkServer.Password, null, CancellationToken.None, name: "client");
                isOpen = true;
                await connection.AskAsync<int>("SELECT 1", CancellationToken.None);
                longest = Math.Max(longest, Stopwatch.GetElapsedTime(last).TotalMilliseconds);
                last = Stopwatch.GetTimestamp();
                await Task.Delay(20, CancellationToken.None);
            }
            catch (NpgsqlException)
            {
                failures += isOpen ? 0 : 1;
            }
        }

        return (longest, failures);
    }

    /// <summary>Into a file as the product opens it.</summary>
    private async Task WriteAsync(PostgresEngine engine, PostgresLocation at, string path)
    {
        await using var file = DurableFiles.CreatePrivate(path);
        await using (var artefact = Artefact.Write(file, Compression.Fast, isStreamed: true))
        {
            await engine.WriteBackupAsync(at.ToString(), new BackupStaging(Path.Combine(scratch, "ours.work"), artefact), RunProgress.None, CancellationToken.None);
        }

        file.Flush(flushToDisk: true);
    }

    /// <summary>What the one before left to be written is written first: otherwise one that syncs would wait for it.</summary>
    private static async Task<double> SecondsAsync(Func<Task> work)
    {
        using var sync = Process.Start("sync");
        await sync.WaitForExitAsync();
        var began = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static async Task<double> ToolAsync(PostgresLocation at, string program, params string[] arguments)
    {
        var tools = new FindTools(null).Newest();
        return await ProcessAsync(new ProcessStartInfo(tools.Path(program), [.. arguments, "--dbname=" + new ToolTarget(at, at.Database, null, "benchmark").ToConnectionText(tools)]));
    }

    private static async Task<double> ShellAsync(PostgresLocation at, string script, string output)
    {
        var tools = new FindTools(null).Newest();
        var start = new ProcessStartInfo("sh", ["-c", script, "sh", "--dbname=" + new ToolTarget(at, at.Database, null, "benchmark").ToConnectionText(tools), output]);
        start.Environment["PATH"] = tools.Folder + ":" + Environment.GetEnvironmentVariable("PATH");
        return await ProcessAsync(start);
    }

    private static Task<double> ProcessAsync(ProcessStartInfo start)
    {
        start.Environment["PGPASSWORD"] = BenchmarkServer.Password;
        return SecondsAsync(async () =>
        {
            using var process = Process.Start(start)!;
            await process.WaitForExitAsync();
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"{start.FileName} ended with {process.ExitCode}.");
            }
        });
    }

    private static async Task<List<string>> NamesAsync(string begin)
    {
        await using var connection = await PostgresConnections.OpenAsync(BenchmarkServer.Location, BenchmarkServer.Password, null, CancellationToken.None);
        return await connection.ListAsync("SELECT datname::text FROM pg_database WHERE starts_with(datname, $1)", row => row.GetString(0), CancellationToken.None, begin);
    }

    /// <summary>How long each phase took.</summary>
    private sealed class PhaseTimes : RunProgress
    {
        private readonly List<(string Name, long Began)> _phases = [];
        private readonly TaskCompletionSource _restored = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task IsRestored => _restored.Task;

        public double SecondsOf(string name)
        {
            var at = _phases.FindIndex(phase => phase.Name == name);
            return Stopwatch.GetElapsedTime(_phases[at].Began, _phases[at + 1].Began).TotalSeconds;
        }

        public override void Phase(string name, long? totalBytes = null, bool canCancel = true)
        {
            _phases.Add((name, Stopwatch.GetTimestamp()));
            if (name == "Analyzing")
            {
                _restored.SetResult();
            }
        }

        public override void Report(long doneBytes, long? totalBytes = null)
        {
        }

        public override void Log(string text, LineLevel level = LineLevel.Info)
        {
        }
    }
}

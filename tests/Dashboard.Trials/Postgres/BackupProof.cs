using System.Diagnostics;
using System.Globalization;
using Dashboard.Core.Backups;
using Dashboard.Core.Files;

namespace Dashboard.Trials.Postgres;

/// <summary>A backup is whole when stock pg_restore makes a sound database of it; what has been proved once is not proved again.</summary>
internal sealed class BackupProof(PostgresServer server, ServerStore store, string dataFolder)
{
    private readonly HashSet<Guid> _proved = [];

    /// <summary>Every backup that is new since the last call, and that no row or manifest promises what is not there.</summary>
    /// <exception cref="TrialException">When one is not what its row says.</exception>
    public async Task DemandWholeAsync(IEnumerable<PostgresTarget> targets)
    {
        var rows = await store.ReadBackupsAsync();
        foreach (var folder in targets.Select(target => target.BackupFolder).Where(Directory.Exists))
        {
            foreach (var file in Directory.EnumerateFiles(folder).Where(file => !rows.Any(row => Path.Combine(row.Folder, row.FileName) == file || Stem(file) == Stem(row.FileName))))
            {
                throw new TrialException($"{file} belongs to no backup.");
            }
        }

        foreach (var row in rows.Where(row => targets.Any(target => target.Registered.Id == row.DatabaseId) && _proved.Add(row.Id)))
        {
            await ProveAsync(row);
        }
    }

    private static string Stem(string file) => Path.GetFileName(file).Split('.')[0];

    private async Task ProveAsync(Backup row)
    {
        var file = Path.Combine(row.Folder, row.FileName);
        var manifest = await BackupManifest.ReadAsync(Path.Combine(row.Folder, Stem(file) + BackupFolders.ManifestExtension), CancellationToken.None);
        if (manifest?.Sha256 != row.Sha256 || row.Level < CheckLevel.Structure || row.Problem is not null)
        {
            throw new TrialException($"{file} is of level {row.Level} ({row.Problem}), and its manifest {(manifest is null ? "is missing" : "differs or not")}.");
        }

        var plain = Path.Combine(dataFolder, row.Id.ToString("N"));
        var scratch = "proof_" + row.Id.ToString("N");
        try
        {
            await using (var target = DurableFiles.CreatePrivate(plain))
            {
                var reading = await Artefact.ReadAsync(file, row.Compression, target, null, CancellationToken.None);
                if (reading.Sha256 != row.Sha256 || reading.ContentSha256 != row.ContentSha256)
                {
                    throw new TrialException($"{file} is not what its manifest says.");
                }
            }

            await server.ExecuteAsync("postgres", $"CREATE DATABASE {scratch} TEMPLATE template0");
            await RestoreAsync(plain, scratch);
            await PostgresLedger.ReadAsync(server, scratch, long.MaxValue);
        }
        finally
        {
            File.Delete(plain);
            await server.ExecuteAsync("postgres", $"DROP DATABASE IF EXISTS {scratch} WITH (FORCE)");
        }
    }

    private async Task RestoreAsync(string file, string database)
    {
        var tool = Path.Combine(await PostgresServer.ProgramsAsync(), "pg_restore");
        var start = new ProcessStartInfo(tool, ["--exit-on-error", "--dbname", database, "--host", server.Host, "--port", server.Port.ToString(CultureInfo.InvariantCulture), "--username", server.User, file]) { RedirectStandardError = true };
        (start.Environment["PGPASSWORD"], start.Environment["PGSSLMODE"]) = (server.Password, "require");
        using var process = Process.Start(start)!;
        var said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new TrialException($"Stock pg_restore can't restore {file}: {said.Trim()}");
        }
    }
}

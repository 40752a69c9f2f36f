using System.Diagnostics;
using Dashboard.Core.Backups;
using Npgsql;

namespace Dashboard.Trials.Postgres;

/// <summary>A fault as it happens: made ready before the work begins, done in the middle of it, taken back after it.</summary>
internal abstract class Strike(PostgresBench bench)
{
    /// <summary>How long it waited itself until nothing was left, while it lasted.</summary>
    public TimeSpan Gone { get; protected set; }

    protected PostgresBench Bench => bench;

    public virtual Task PrepareAsync(PostgresTarget target) => Task.CompletedTask;

    public abstract Task HitAsync(Guid run);

    public virtual Task RecoverAsync(Guid run) => Task.CompletedTask;

    public static Strike Of(PostgresFault fault, PostgresBench bench) => fault.Kind switch
    {
        FaultKind.KillDashboard => new KilledDashboard(bench),
        FaultKind.KillPostmaster => new KilledPostmaster(bench, fault.Seed),
        FaultKind.EndSessions => new EndedSessions(bench),
        FaultKind.CutConnection => new CutConnection(bench, fault.Seed),
        FaultKind.FullDisk => new FullDisk(bench, fault),
        FaultKind.HeldLock => new HeldLock(bench),
        FaultKind.KillBehindLock => new KilledBehindLock(bench),
        FaultKind.Migration => new Migration(bench),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault.Kind, "This is no fault of a moment."),
    };
}

internal sealed class KilledDashboard(PostgresBench bench) : Strike(bench)
{
    public override Task HitAsync(Guid run) => Bench.Dashboard.KillAsync();

    public override Task RecoverAsync(Guid run) => Bench.Dashboard.StartAsync();
}

/// <summary>The whole server is gone, for up to four seconds.</summary>
internal sealed class KilledPostmaster(PostgresBench bench, int seed) : Strike(bench)
{
    public override Task HitAsync(Guid run) => Bench.Postgres.CrashAsync();

    public override async Task RecoverAsync(Guid run)
    {
        await Task.Delay(TimeSpan.FromSeconds(new Random(seed).NextDouble() * 4));
        await Bench.Postgres.StartAgainAsync();
    }
}

/// <summary>As an admin does it who wants us gone: every session of ours at once.</summary>
internal sealed class EndedSessions(PostgresBench bench) : Strike(bench)
{
    public override Task HitAsync(Guid run) =>
        Bench.Postgres.ExecuteAsync("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'dashboard%'");
}

internal sealed class CutConnection(PostgresBench bench, int seed) : Strike(bench)
{
    public override Task HitAsync(Guid run)
    {
        Bench.Proxy.Cut();
        return Task.CompletedTask;
    }

    public override async Task RecoverAsync(Guid run)
    {
        await Task.Delay(TimeSpan.FromSeconds(new Random(seed).NextDouble() * 4));
        Bench.Proxy.Mend();
    }
}

/// <summary>The disk is full in the middle of a dump; of a restore, from the start or as soon as it unpacks.</summary>
internal sealed class FullDisk(PostgresBench bench, PostgresFault fault) : Strike(bench)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private Task _filling = Task.CompletedTask;

    private string Ballast => Path.Combine(Bench.SmallDisk!, "ballast");

    private bool IsFullFromTheStart => fault.During == Work.Restore && fault.Portion < 0.5;

    public override Task PrepareAsync(PostgresTarget target)
    {
        if (IsFullFromTheStart)
        {
            Fill(leave: (long)(Bench.ContentBytes * fault.Portion));
        }
        else if (fault.During == Work.Restore)
        {
            _filling = Task.Run(() => FillWhenUnpacking(target.BackupFolder));
        }

        return Task.CompletedTask;
    }

    public override Task HitAsync(Guid run)
    {
        if (fault.During == Work.Dump)
        {
            Fill(leave: 0);
        }

        return _filling;
    }

    public override async Task RecoverAsync(Guid run)
    {
        await Bench.WaitUntilEndedAsync(run);
        File.Delete(Ballast);
    }

    private void FillWhenUnpacking(string folder)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < Patience && !Directory.EnumerateFiles(folder, "*" + BackupFolders.WorkExtension).Any())
        {
            Thread.SpinWait(50);
        }

        Fill(leave: 0);
    }

    private void Fill(long leave)
    {
        using var file = File.Create(Ballast);
        try
        {
            var block = new byte[1 << 16];
            while (new DriveInfo(Bench.SmallDisk!).AvailableFreeSpace - block.Length >= leave)
            {
                file.Write(block);
                file.Flush();
            }
        }
        catch (IOException)
        {
            // The work was faster with the last block.
        }
    }
}

/// <summary>Somebody holds a table for as long as our patience lasts, and longer.</summary>
internal class HeldLock(PostgresBench bench) : Strike(bench)
{
    private NpgsqlConnection? _holder;

    public override async Task PrepareAsync(PostgresTarget target)
    {
        _holder = await Bench.Postgres.OpenAsync(target.Database);
        await _holder.ExecuteAsync("BEGIN; LOCK TABLE filler IN ACCESS EXCLUSIVE MODE");
    }

    public override Task HitAsync(Guid run) => Bench.WaitUntilEndedAsync(run);

    public override async Task RecoverAsync(Guid run) => await _holder!.DisposeAsync();
}

/// <summary>A session that waits for a lock does not notice that its program is gone, and the program does not notice that we are.</summary>
internal sealed class KilledBehindLock(PostgresBench bench) : HeldLock(bench)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public override async Task HitAsync(Guid run)
    {
        var clock = Stopwatch.StartNew();
        while ((await Bench.Postgres.ListAsync("postgres", "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'dashboard dump%' AND wait_event_type = 'Lock'")).Count == 0)
        {
            if (clock.Elapsed > Patience)
            {
                throw new TrialException("The dump did not come to wait for the lock.");
            }

            await Task.Delay(50);
        }

        await Bench.Dashboard.KillAsync();
        await Bench.Dashboard.StartAsync();
        Gone = await Bench.Leftovers.DemandGoneAsync(withIdle: false);
    }
}

/// <summary>Tables come, change and go all the while.</summary>
internal sealed class Migration(PostgresBench bench) : Strike(bench)
{
    private readonly CancellationTokenSource _enough = new();
    private Task _migrating = Task.CompletedTask;

    public override Task PrepareAsync(PostgresTarget target)
    {
        _migrating = Task.Run(() => MigrateAsync(target.Database));
        return Task.CompletedTask;
    }

    public override Task HitAsync(Guid run) => Bench.WaitUntilEndedAsync(run);

    public override async Task RecoverAsync(Guid run)
    {
        await _enough.CancelAsync();
        await _migrating;
        _enough.Dispose();
    }

    private async Task MigrateAsync(string database)
    {
        await using var connection = await Bench.Postgres.OpenAsync(database);
        for (var number = 0; !_enough.IsCancellationRequested; number++)
        {
            await connection.ExecuteAsync($"CREATE TABLE IF NOT EXISTS migrated_{number % 20} (id int PRIMARY KEY, word text); INSERT INTO migrated_{number % 20} SELECT i, i::text FROM generate_series(1, 100) i ON CONFLICT DO NOTHING");
            await connection.ExecuteAsync($"ALTER TABLE migrated_{number % 20} ADD COLUMN IF NOT EXISTS added_{number % 7} int DEFAULT {number}");
            await connection.ExecuteAsync("ALTER TABLE accounts ADD COLUMN passing int; ALTER TABLE accounts DROP COLUMN passing");
            await connection.ExecuteAsync($"DROP TABLE IF EXISTS migrated_{(number + 10) % 20}");
        }
    }
}

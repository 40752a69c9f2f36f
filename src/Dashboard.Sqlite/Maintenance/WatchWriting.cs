using Dashboard.Core.Jobs;
using Dashboard.Sqlite.Connections;

namespace Dashboard.Sqlite.Maintenance;

/// <summary>
/// How far a VACUUM is. While it packs, SQLite tells what it has read; while it writes back it tells nothing and can't be stopped,
/// but the log grows with each page, or the rollback journal does.
/// </summary>
internal sealed class WatchWriting : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly RunProgress _progress;
    private readonly string _grows;
    private readonly long _before;
    private readonly long _packing;
    private readonly long _total;
    private readonly Timer _timer;
    private bool _isOver;

    public WatchWriting(Ground ground, RunProgress progress)
    {
        _progress = progress;
        _grows = ground.IsWal ? Sidecars.Wal(ground.Location) : Sidecars.Journal(ground.Location);
        _before = Sidecars.Length(_grows);
        _packing = ground.UsedBytes;
        _total = ground.IsWal ? ground.UsedBytes : ground.TotalBytes;
        _timer = new Timer(_ => LookAtFile(), null, Look, Look);
    }

    public bool HasBegun { get; private set; }

    /// <summary>So much was read so far.</summary>
    public void Packed(long bytes)
    {
        lock (_gate)
        {
            if (!HasBegun)
            {
                _progress.Report(Math.Min(bytes, _packing));
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
        }

        _timer.Dispose();
    }

    private void LookAtFile()
    {
        lock (_gate)
        {
            var written = Sidecars.Length(_grows) - _before;
            if (_isOver || written <= 0)
            {
                return;
            }

            if (!HasBegun)
            {
                HasBegun = true;
                _progress.Phase("Writing back", _total, canCancel: false);
            }

            _progress.Report(Math.Min(written, _total));
        }
    }
}

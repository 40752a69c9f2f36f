using System.Globalization;

namespace Dashboard.Sqlite.Connections;

/// <summary>When and how long the file and its log were last written, asked of the file system alone: nothing is opened.</summary>
/// <remarks>Every commit makes the log or the file younger. A checkpoint does so too, which costs one reading too many.</remarks>
internal sealed record ChangeMark(long FileBytes, DateTime FileWrittenAt, long LogBytes, DateTime LogWrittenAt, DateTimeOffset ReadAt)
{
    /// <summary>File systems keep times to some milliseconds, the coarsest (FAT) to two seconds: within one tick a second change can't be seen.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);

    /// <summary>Whether a change after this reading would be seen by the next.</summary>
    public bool IsSettled => (ReadAt.UtcDateTime - WrittenAt).Duration() > Tick;

    public DateTime WrittenAt => FileWrittenAt > LogWrittenAt ? FileWrittenAt : LogWrittenAt;

    public string Text => string.Create(CultureInfo.InvariantCulture, $"{FileBytes}.{FileWrittenAt.Ticks}.{LogBytes}.{LogWrittenAt.Ticks}");

    public static ChangeMark Read(string location) => Read(location, TimeProvider.System);

    public static ChangeMark Read(string location, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var file = new FileInfo(location);
        var log = new FileInfo(Sidecars.Wal(location));
        return new ChangeMark(
            file.Exists ? file.Length : 0,
            file.Exists ? file.LastWriteTimeUtc : default,
            log.Exists ? log.Length : 0,
            log.Exists && log.Length > 0 ? log.LastWriteTimeUtc : default,
            now);
    }

    public bool IsSame(ChangeMark other) => Text == other.Text;
}

using Dashboard.Sqlite.Files;

namespace Dashboard.Sqlite.Aliases;

/// <summary>A file that a process has open.</summary>
/// <param name="Path">As that process sees it, which in a container is another path than ours.</param>
/// <param name="IsDeleted">Whether this name is gone; the process goes on with the file.</param>
internal sealed record OpenFile(string Path, bool IsDeleted, FileId Id);

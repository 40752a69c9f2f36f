using Dashboard.Core.Files;
using Dashboard.Postgres.Connections;

namespace Dashboard.Postgres.Tools;

/// <summary>A password as PostgreSQL's programs take it without anybody seeing it: a file of one line that only its owner may read.</summary>
internal static class PassFile
{
    public static void Write(string path, PostgresLocation at, string password)
    {
        File.Delete(path);
        using var file = DurableFiles.CreatePrivate(path, bufferSize: 4096);
        file.Write(System.Text.Encoding.UTF8.GetBytes($"*:*:*:{Escape(at.User)}:{Escape(password)}\n"));
    }

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal);
}

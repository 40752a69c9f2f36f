using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dashboard.Sqlite.Connections;

/// <summary>
/// Reads bytes of a database file through the handle that SQLite holds. A handle of our own would, when closed,
/// drop every lock that this process has on the file (https://www.sqlite.org/howtocorrupt.html, 2.2).
/// </summary>
internal static unsafe partial class SqliteFile
{
    private const int FilePointer = 7;
    private const int ReadMethod = 2;
    private const int SizeMethod = 6;
    private const int ShortRead = 522;

    /// <summary>Fills <paramref name="buffer"/>; what lies behind the end of the file reads as zeros.</summary>
    public static void Read(SqliteConnection connection, long offset, Span<byte> buffer)
    {
        var file = FileOf(connection);
        var read = (delegate* unmanaged[Cdecl]<nint, byte*, int, long, int>)Method(file, ReadMethod);
        fixed (byte* target = buffer)
        {
            var code = read(file, target, buffer.Length, offset);
            if (code is not (raw.SQLITE_OK or ShortRead))
            {
                throw new SqliteException("The file could not be read.", code & 0xFF, code);
            }
        }
    }

    public static long Length(SqliteConnection connection)
    {
        var file = FileOf(connection);
        var size = (delegate* unmanaged[Cdecl]<nint, long*, int>)Method(file, SizeMethod);
        long length;
        var code = size(file, &length);
        return code == raw.SQLITE_OK ? length : throw new SqliteException("The file's size could not be read.", code & 0xFF, code);
    }

    private static nint FileOf(SqliteConnection connection)
    {
        nint file;
        var code = FileControl(connection.Handle!.DangerousGetHandle(), "main", FilePointer, &file);
        return code == raw.SQLITE_OK && file != 0 && *(nint*)file != 0
            ? file
            : throw new SqliteException("The file is not open.", raw.SQLITE_CANTOPEN);
    }

    /// <summary>A sqlite3_file starts with a pointer to sqlite3_io_methods: a version number, then the methods in a fixed order.</summary>
    private static nint Method(nint file, int number) => (*(nint**)file)[number];

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_file_control", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial int FileControl(nint database, string schema, int operation, nint* value);
}

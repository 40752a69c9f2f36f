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
    private const int JournalPointer = 28;
    private const int ReadMethod = 2;
    private const int SizeMethod = 6;
    private const int ShortRead = 522;

    /// <summary>Fills <paramref name="buffer"/>; what lies behind the end of the file reads as zeros.</summary>
    public static void Read(SqliteConnection connection, long offset, Span<byte> buffer) => Read(FileOf(connection), offset, buffer);

    /// <summary>SQLite's own handle of the database file, for many reads; it is worth as much as the connection.</summary>
    public static nint FileOf(SqliteConnection connection) => Ask(connection, FilePointer) is var file && file != 0
        ? file
        : throw new SqliteException("The file is not open.", raw.SQLITE_CANTOPEN);

    /// <summary>The same of the write-ahead log, which is there only within a read transaction in WAL mode; 0 where there is none.</summary>
    public static nint LogOf(SqliteConnection connection) => Ask(connection, JournalPointer);

    public static long Length(SqliteConnection connection) => Length(FileOf(connection));

    public static void Read(nint file, long offset, Span<byte> buffer)
    {
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

    public static long Length(nint file)
    {
        var size = (delegate* unmanaged[Cdecl]<nint, long*, int>)Method(file, SizeMethod);
        long length;
        var code = size(file, &length);
        return code == raw.SQLITE_OK ? length : throw new SqliteException("The file's size could not be read.", code & 0xFF, code);
    }

    /// <summary>A handle of SQLite; 0 when it is not open.</summary>
    private static nint Ask(SqliteConnection connection, int operation)
    {
        nint file;
        var code = FileControl(connection.Handle!.DangerousGetHandle(), "main", operation, &file);
        return code == raw.SQLITE_OK && file != 0 && *(nint*)file != 0 ? file : 0;
    }

    /// <summary>A sqlite3_file starts with a pointer to sqlite3_io_methods: a version number, then the methods in a fixed order.</summary>
    private static nint Method(nint file, int number) => (*(nint**)file)[number];

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_file_control", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial int FileControl(nint database, string schema, int operation, nint* value);
}

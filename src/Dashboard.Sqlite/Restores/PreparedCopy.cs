using Dashboard.Core.Databases;
using Dashboard.Core.Jobs;
using Dashboard.Sqlite.Backups;
using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Files;
using Dashboard.Sqlite.Schemas;
using Dashboard.Sqlite.States;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Restores;

/// <summary>The content of a restore in the form that the live database can take. Nothing but the copy is touched.</summary>
internal sealed class PreparedCopy : IDisposable
{
    private readonly string? rewritten;

    private PreparedCopy(string file, string? rewritten)
    {
        this.rewritten = rewritten;
        File = rewritten ?? file;
        Content = SqliteConnections.Open(File, SqliteOpenMode.ReadOnly);
        Content.Execute("BEGIN");
        Schema = Identity.HashSchema(Content);
        Encoding = Content.ReadText("PRAGMA encoding");
        Bytes = Content.ReadLong("PRAGMA page_size") * Content.ReadLong("PRAGMA page_count");
        Rows = [.. Tables.Read(Content).Select(table => new TableRows(table, Tables.Count(Content, table)))];
        Content.Execute("COMMIT");
    }

    public string File { get; }

    public SqliteConnection Content { get; }

    public string Schema { get; }

    public string Encoding { get; }

    public long Bytes { get; }

    public IReadOnlyList<TableRows> Rows { get; }

    public static PreparedCopy Make(string file, LiveContent live, RunProgress progress, CancellationToken cancellationToken)
    {
        progress.Phase("Preparing");
        if (!System.IO.File.Exists(file) || new FileInfo(file).Length == 0)
        {
            throw new DatabaseMissingException($"The copy {file} to restore from is missing or empty.", "Choose another backup.");
        }

        using var copy = SqliteConnections.Open(file, SqliteOpenMode.ReadWrite);

        // A copy whose header says WAL would make a database in rollback mode say so too.
        copy.Execute("PRAGMA journal_mode = DELETE");
        var needsRewrite = live is { Problem: null, IsWal: true } && live.PageSize != copy.ReadLong("PRAGMA page_size");
        return new PreparedCopy(file, needsRewrite ? Rewrite(copy, file, live.PageSize, progress, cancellationToken) : null);
    }

    public void Dispose()
    {
        Content.Dispose();
        if (rewritten is not null)
        {
            NewFile.Remove(rewritten);
        }
    }

    /// <summary>A database in WAL mode can't change its page size, so the copy is written anew with that of the live one.</summary>
    private static string Rewrite(SqliteConnection copy, string file, long pageSize, RunProgress progress, CancellationToken cancellationToken)
    {
        var rewritten = file + ".resized";
        NewFile.Remove(rewritten);
        NewFile.CreatePrivate(rewritten);
        FreeSpace.Demand(Path.GetDirectoryName(file)!, new FileInfo(file).Length);
        progress.Log($"Its pages are written anew with {pageSize} bytes, the size of the live database's.");
        try
        {
            using var interruption = Interruption.On(copy, cancellationToken, bytes => progress.Report(bytes));
            copy.Execute($"PRAGMA page_size = {pageSize}");
            QuotedTexts.Allow(copy);
            copy.Execute($"VACUUM INTO {SqliteStatements.Text(rewritten)}");
            return rewritten;
        }
        catch
        {
            NewFile.Remove(rewritten);
            throw;
        }
    }
}

namespace Dashboard.Sqlite.Tests.Faults;

/// <summary>Adds a row to each of two tables in one transaction, and now and then takes all away, as quickly as it can.</summary>
internal sealed class BusyWriter : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Task work;

    private BusyWriter(string file) => work = Task.Run(() => Write(file));

    public static Task<BusyWriter> StartAsync(string file)
    {
        SqliteHarness.Execute(file, "CREATE TABLE \"left\" (id INTEGER PRIMARY KEY, content BLOB); CREATE TABLE \"right\" (id INTEGER PRIMARY KEY, content BLOB)");
        return Task.FromResult(new BusyWriter(file));
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await work;
        stop.Dispose();
    }

    private void Write(string file)
    {
        using var connection = SqliteHarness.Open(file);
        SqliteHarness.Execute(connection, "PRAGMA synchronous = OFF");
        for (var turn = 1; !stop.IsCancellationRequested; turn++)
        {
            SqliteHarness.Execute(connection, turn % 200 == 0
                ? "BEGIN; DELETE FROM \"left\"; DELETE FROM \"right\"; COMMIT"
                : "BEGIN; INSERT INTO \"left\" (content) VALUES (randomblob(2000)); INSERT INTO \"right\" (content) VALUES (randomblob(2000)); COMMIT");
        }
    }
}

using System.Diagnostics;
using Dashboard.Comparison;
using Dashboard.Comparison.Sqlite;

namespace Dashboard.Trials.Odd;

internal sealed class OddSqliteDatabase(OddSqlite odd, string scratch) : IOddDatabase
{
    public string Engine => "sqlite";

    public string Typed => odd.Registered;

    public int Seed => odd.Seed;

    public IReadOnlyList<string> Kinds => odd.Kinds;

    public Task<Content> ReadAsync() => Task.FromResult(SqliteContent.Read(odd.File));

    public Task<Content> ReadAsync(string location) => Task.FromResult(SqliteContent.Read(location));

    public async Task<Content> ReadBackupAsync(string file)
    {
        var plain = Path.Combine(scratch, Path.GetRandomFileName());
        using (var zstd = Process.Start("zstd", ["-q", "-d", "-f", file, "-o", plain]))
        {
            await zstd.WaitForExitAsync();
        }

        try
        {
            return SqliteContent.Read(plain);
        }
        finally
        {
            File.Delete(plain);
        }
    }

    public Task RuinAsync()
    {
        odd.Ruin();
        return Task.CompletedTask;
    }

    public Task<string?> FindDamageAsync() => Task.FromResult(SqliteContent.FindDamage(odd.File));

    public bool IsOfContent(string fact) => true;

    public bool IsRestored(string fact) => true;

    public bool IsKeptByMaintenance(string fact) => SqliteContent.IsKeptByMaintenance(fact);

    public ValueTask DisposeAsync()
    {
        odd.Dispose();
        return ValueTask.CompletedTask;
    }
}

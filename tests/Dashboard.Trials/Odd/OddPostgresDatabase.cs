using System.Diagnostics;
using System.Globalization;
using Dashboard.Comparison;
using Dashboard.Comparison.Postgres;
using Dashboard.Trials.Postgres;
using Npgsql;

namespace Dashboard.Trials.Odd;

internal sealed class OddPostgresDatabase(OddServer server, OddPostgres odd, string programs, string scratch) : IOddDatabase
{
    private const string Scratch = "stock restore";

    public string Engine => "postgres";

    public string Typed
    {
        get
        {
            var (user, password) = odd.IsOwnedByLogin ? (OddPostgres.Login, OddPostgres.Password) : (server.User, server.Password);
            return string.Create(CultureInfo.InvariantCulture, $"postgresql://{user}:{Uri.EscapeDataString(password)}@{server.Host}:{server.Port}/{Uri.EscapeDataString(odd.Name)}?sslmode=require");
        }
    }

    public int Seed => odd.Seed;

    public IReadOnlyList<string> Kinds => odd.Kinds;

    public static async Task<OddPostgresDatabase> MakeAsync(OddServer server, int seed, string scratch) =>
        new(server, await OddPostgres.MakeAsync(seed, server.Superuser), await PostgresServer.ProgramsAsync(), scratch);

    public Task<Content> ReadAsync() => PostgresContent.ReadAsync(OddPostgres.Of(server.Superuser, odd.Name));

    public Task<Content> ReadAsync(string location) => PostgresContent.ReadAsync(OddPostgres.Of(server.Superuser, Uri.UnescapeDataString(new Uri(location).AbsolutePath.TrimStart('/'))));

    public async Task<Content> ReadBackupAsync(string file)
    {
        var plain = Path.Combine(scratch, Path.GetRandomFileName());
        await RunAsync("zstd", ["-q", "-d", "-f", file, "-o", plain]);
        await OddPostgres.ExecuteAsync(server.Superuser, $"DROP DATABASE IF EXISTS \"{Scratch}\" WITH (FORCE)");
        await OddPostgres.ExecuteAsync(
            server.Superuser,
            $"CREATE DATABASE \"{Scratch}\" TEMPLATE template0 {(odd.IsOwnedByLogin ? $"OWNER {OddPostgres.Login}" : "")} {await EncodingAsync()}");
        try
        {
            var words = await RunAsync(Path.Combine(programs, "pg_restore"), ["--host", server.Host, "--port", $"{server.Port}", "--username", server.User, "--dbname", Scratch, plain]);
            var content = await PostgresContent.ReadAsync(OddPostgres.Of(server.Superuser, Scratch));
            return words.Length == 0 ? content : new Content(content.Facts.Append(new("what pg_restore said", words)).ToDictionary());
        }
        finally
        {
            File.Delete(plain);
            await OddPostgres.RemoveAsync(server.Superuser, Scratch);
        }
    }

    public Task RuinAsync() => odd.RuinAsync(server.Superuser);

    public Task<string?> FindDamageAsync() => Task.FromResult<string?>(null);

    public bool IsOfContent(string fact) => PostgresContent.IsOfContent(fact);

    public bool IsRestored(string fact) => PostgresContent.IsRestored(fact);

    public bool IsKeptByMaintenance(string fact) => PostgresContent.IsKeptByMaintenance(fact);

    public async ValueTask DisposeAsync() => await OddPostgres.RemoveAllAsync(server.Superuser);

    private async Task<string> EncodingAsync()
    {
        await using var connection = new NpgsqlConnection(OddPostgres.Of(server.Superuser, odd.Name) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT format('ENCODING %L LC_COLLATE %L LC_CTYPE %L', pg_encoding_to_char(encoding), datcollate, datctype) FROM pg_database WHERE datname = current_database()", connection);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private async Task<string> RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true };
        start.Environment["PGPASSWORD"] = server.Password;
        start.Environment["LC_ALL"] = "C";
        using var process = Process.Start(start)!;
        var words = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return words.Trim();
    }
}

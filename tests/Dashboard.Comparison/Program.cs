using Dashboard.Comparison;
using Dashboard.Comparison.Postgres;
using Dashboard.Comparison.Sqlite;

// Compares two databases by hand: files of SQLite by their paths, databases of PostgreSQL by connection strings of a superuser.
if (args is not ["sqlite" or "postgres", var left, var right])
{
    Console.Error.WriteLine("sqlite <file> <file> | postgres <connection string> <connection string>");
    return 2;
}

var (first, second) = (await ReadAsync(args[0], left), await ReadAsync(args[0], right));
var differences = first.Differences(second);
foreach (var difference in differences)
{
    Console.WriteLine(difference);
}

Console.WriteLine($"{first.Facts.Count} facts, {differences.Count} differ.");
return differences.Count == 0 ? 0 : 1;

static async Task<Content> ReadAsync(string engine, string place) => engine == "sqlite" ? SqliteContent.Read(place) : await PostgresContent.ReadAsync(place);

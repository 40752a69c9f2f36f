using Dashboard.Core.Store;
using Npgsql;

namespace Dashboard.Postgres.Store;

/// <summary>The connections to the store. Whoever reads the connection string from here gets it without the password.</summary>
internal sealed class StoreServer : IDisposable, IAsyncDisposable
{
    /// <summary>Workers, pages and samples of one dashboard; a server has about a hundred for everybody.</summary>
    private const int MaxConnections = 20;

    public StoreServer(NpgsqlConnectionStringBuilder words)
    {
        Place = $"PostgreSQL database {words.Database} on {words.Host}:{words.Port}";
        Source = new NpgsqlDataSourceBuilder(words.ToString()) { Name = "store" }.Build();

        // Not from the pool: what is given back there loses its locks.
        var alone = new NpgsqlConnectionStringBuilder(words.ToString()) { Pooling = false, KeepAlive = 30, ApplicationName = null };
        LockSource = new NpgsqlDataSourceBuilder(alone.ToString()) { Name = "store lock" }.Build();
    }

    /// <summary>For a person; without login.</summary>
    public string Place { get; }

    public NpgsqlDataSource Source { get; }

    /// <summary>Connections that are held for as long as the process lives.</summary>
    public NpgsqlDataSource LockSource { get; }

    /// <exception cref="StoreException">When they can't be read. A password that holds a semicolon looks like keywords, so the words are not repeated.</exception>
    public static NpgsqlConnectionStringBuilder Read(string connection)
    {
        NpgsqlConnectionStringBuilder words;
        try
        {
            words = new NpgsqlConnectionStringBuilder(connection);
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException or KeyNotFoundException or OverflowException or NotSupportedException)
        {
            throw new StoreException("The connection to the store can't be read. Write it as “Host=db;Port=5432;Database=dashboard;Username=dashboard;Password=…;SSL Mode=VerifyFull”; a value that holds a semicolon stands in quotes.");
        }

        if (string.IsNullOrWhiteSpace(words.Host) || string.IsNullOrWhiteSpace(words.Database))
        {
            throw new StoreException("The connection to the store names no host or no database. Write it as “Host=db;Database=dashboard;Username=dashboard”.");
        }

        words.PersistSecurityInfo = false;
        words.IncludeErrorDetail = false;
        words.ApplicationName ??= "dashboard";
        if (!connection.Contains("Pool Size", StringComparison.OrdinalIgnoreCase) && !connection.Contains("MaxPoolSize", StringComparison.OrdinalIgnoreCase))
        {
            words.MaxPoolSize = MaxConnections;
        }

        return words;
    }

    public void Dispose()
    {
        Source.Dispose();
        LockSource.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        await LockSource.DisposeAsync();
    }
}

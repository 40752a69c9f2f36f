using System.Collections.Concurrent;
using Dashboard.Core.Databases;
using Npgsql;

namespace Dashboard.Postgres.Connections;

/// <summary>
/// Connections for looking: at most two to a server, whatever is watched there. They are kept for a moment, because numbers are asked for every two
/// seconds, and not for longer, because a database that somebody is connected to can't be dropped or renamed.
/// </summary>
internal sealed class Watching(ILogins logins, TimeProvider time, Watching? lender = null) : IAsyncDisposable
{
    private const int MostOfAServer = 2;
    private static readonly TimeSpan Keep = TimeSpan.FromSeconds(5);
    private static readonly SessionSettings Settings = new(TimeSpan.FromSeconds(5));

    private readonly ConcurrentDictionary<(string Server, string User), Server> _servers = new();

    /// <summary>A question to one database.</summary>
    public Task<T> AskAsync<T>(PostgresLocation at, Func<NpgsqlConnection, Task<T>> question, CancellationToken cancellationToken) =>
        AskAsync(at, question, Session.OfDatabase, cancellationToken);

    /// <summary>A question over a session of its own: one that is open already works on where no new one could be opened.</summary>
    public Task<T> AskFreshAsync<T>(PostgresLocation at, Func<NpgsqlConnection, Task<T>> question, CancellationToken cancellationToken) =>
        AskAsync(at, question, Session.Fresh, cancellationToken);

    /// <summary>A question that every database of the server can answer, asked where a connection is open already.</summary>
    public Task<T> AskServerAsync<T>(PostgresLocation at, Func<NpgsqlConnection, Task<T>> question, CancellationToken cancellationToken) =>
        AskAsync(at, question, Session.OfServer, cancellationToken);

    /// <summary>For whoever waits on a server.</summary>
    public TimeProvider Time => time;

    /// <summary>Whether these are the sessions of a login that was given for one restore.</summary>
    public bool IsLent => lender is not null;

    /// <summary>Lets go of a database, so that it can be renamed: as whoever it is watched, and by whom this login was given for the rename.</summary>
    public async Task LeaveAsync(PostgresLocation at)
    {
        foreach (var idle in _servers.Where(server => server.Key.Server == at.Server).SelectMany(server => server.Value.TakeIdle(idle => idle.Database == at.Database)))
        {
            await idle.Connection.DisposeAsync();
        }

        if (lender is not null)
        {
            await lender.LeaveAsync(at);
        }
    }

    public Task<string?> FindPasswordAsync(PostgresLocation at, CancellationToken cancellationToken) =>
        logins.FindPasswordAsync(PostgresEngine.Key, at.Server, at.User, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers.Values)
        {
            foreach (var idle in server.TakeIdle(_ => true))
            {
                await idle.Connection.DisposeAsync();
            }
        }
    }

    private async Task<T> AskAsync<T>(PostgresLocation at, Func<NpgsqlConnection, Task<T>> question, Session session, CancellationToken cancellationToken)
    {
        var server = _servers.GetOrAdd((at.Server, at.User), _ => new Server());
        await server.Slots.WaitAsync(cancellationToken);
        try
        {
            if (session != Session.Fresh && server.Take(at, session == Session.OfServer) is { } kept)
            {
                try
                {
                    return await UseAsync(server, kept, question, cancellationToken);
                }
                catch (Exception fault) when (IsGone(fault, kept) && !cancellationToken.IsCancellationRequested)
                {
                    // The server was restarted, or somebody ended the session, since we last asked: that is no answer yet.
                }
            }

            foreach (var idle in server.TakeMoreThan(server.Slots.CurrentCount))
            {
                await idle.Connection.DisposeAsync();
            }

            var password = await FindPasswordAsync(at, cancellationToken);
            var opened = await PostgresConnections.OpenToLookAsync(at, password, Settings, cancellationToken);
            return await UseAsync(server, new Idle(opened, at, time.GetTimestamp()), question, cancellationToken);
        }
        finally
        {
            server.Slots.Release();
        }
    }

    /// <summary>What broke is thrown away; what is whole is kept.</summary>
    private async Task<T> UseAsync<T>(Server server, Idle used, Func<NpgsqlConnection, Task<T>> question, CancellationToken cancellationToken)
    {
        var isWhole = false;
        try
        {
            var answer = SharedSession.Is(used.Connection)
                ? await SharedSession.AskAsync(used.Connection, Settings, question, cancellationToken)
                : await question(used.Connection);
            isWhole = true;
            return answer;
        }
        catch (PostgresException)
        {
            // The server has answered: the connection is as good as before, unless a transaction is left open.
            isWhole = used.Connection.FullState == System.Data.ConnectionState.Open;
            throw;
        }
        finally
        {
            // An idle connection to a pooler may hold a session that the application waits for.
            if (isWhole && used.Connection.FullState == System.Data.ConnectionState.Open && !SharedSession.Is(used.Connection))
            {
                server.Give(used with { Since = time.GetTimestamp() });
                _ = CloseLaterAsync(server);
            }
            else
            {
                await used.Connection.DisposeAsync();
            }
        }
    }

    private static bool IsGone(Exception fault, Idle kept) =>
        fault is PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.IdleSessionTimeout } or NpgsqlException { InnerException: IOException }
        || (fault is NpgsqlException && kept.Connection.FullState != System.Data.ConnectionState.Open);

    private async Task CloseLaterAsync(Server server)
    {
        await Task.Delay(Keep + TimeSpan.FromMilliseconds(50), time);
        foreach (var idle in server.TakeIdle(idle => time.GetElapsedTime(idle.Since) >= Keep))
        {
            await idle.Connection.DisposeAsync();
        }
    }

    private enum Session
    {
        OfDatabase,
        OfServer,
        Fresh,
    }

    private sealed record Idle(NpgsqlConnection Connection, PostgresLocation At, long Since)
    {
        public string Database => At.Database;
    }

    private sealed class Server
    {
        private readonly List<Idle> _idle = [];
        private readonly Lock _gate = new();

        public SemaphoreSlim Slots { get; } = new(MostOfAServer);

        public Idle? Take(PostgresLocation at, bool anyDatabase)
        {
            lock (_gate)
            {
                var found = _idle.FindIndex(idle => idle.At == at);
                found = found < 0 && anyDatabase ? _idle.FindIndex(idle => idle.At with { Database = at.Database } == at) : found;
                if (found < 0)
                {
                    return null;
                }

                var idle = _idle[found];
                _idle.RemoveAt(found);
                return idle;
            }
        }

        public void Give(Idle idle)
        {
            lock (_gate)
            {
                _idle.Add(idle);
            }
        }

        /// <summary>The oldest, until no more than these are left.</summary>
        public List<Idle> TakeMoreThan(int count)
        {
            lock (_gate)
            {
                var taken = _idle.OrderBy(idle => idle.Since).Take(Math.Max(0, _idle.Count - count)).ToList();
                _idle.RemoveAll(taken.Contains);
                return taken;
            }
        }

        public List<Idle> TakeIdle(Func<Idle, bool> which)
        {
            lock (_gate)
            {
                var taken = _idle.Where(which).OrderBy(idle => idle.Since).ToList();
                _idle.RemoveAll(taken.Contains);
                return taken;
            }
        }
    }
}

using System.Collections.Concurrent;
using Dashboard.Core.Store;
using Microsoft.EntityFrameworkCore;

namespace Dashboard.Core.Databases;

/// <summary>Passwords: encrypted in the store, in memory once they were used, and never anywhere else.</summary>
public sealed class Logins(IDbContextFactory<DashboardStore> stores, ISecretBox box, TimeProvider time) : ILogins
{
    private readonly ConcurrentDictionary<(string Engine, string Server, string User), string> _known = new();

    public async Task<string?> FindPasswordAsync(string engine, string server, string user, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue((engine, server, user), out var password))
        {
            return password;
        }

        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var login = await store.Logins.AsNoTracking().FirstOrDefaultAsync(row => row.Engine == engine && row.Server == server && row.User == user, cancellationToken);
        return login is null ? null : _known[(engine, server, user)] = box.Unprotect(login.Secret);
    }

    /// <summary>Keeps a password, in place of the one before. The caller has asked for permission.</summary>
    internal async Task KeepAsync(Login login, CancellationToken cancellationToken)
    {
        await using var store = await stores.CreateDbContextAsync(cancellationToken);
        var known = await store.Logins.FirstOrDefaultAsync(row => row.Engine == login.Engine && row.Server == login.Server && row.User == login.User, cancellationToken);
        if (known is null)
        {
            store.Logins.Add(new StoredLogin
            {
                Id = Guid.CreateVersion7(time.GetUtcNow()),
                Engine = login.Engine,
                Server = login.Server,
                User = login.User,
                Secret = box.Protect(login.Password),
                ChangedAt = time.GetUtcNow(),
            });
        }
        else
        {
            (known.Secret, known.ChangedAt) = (box.Protect(login.Password), time.GetUtcNow());
        }

        await store.SaveChangesAsync(cancellationToken);
        _known[(login.Engine, login.Server, login.User)] = login.Password;
    }
}

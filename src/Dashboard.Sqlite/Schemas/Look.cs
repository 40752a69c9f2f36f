using Dashboard.Sqlite.Connections;
using Dashboard.Sqlite.Pages;
using Microsoft.Data.Sqlite;

namespace Dashboard.Sqlite.Schemas;

/// <summary>One moment of a database that others use, with its pages; without a trace, and with no lock that a writer feels.</summary>
internal sealed record Look(SqliteConnection Connection, LivePages Pages, DateTimeOffset At, DateTimeOffset? WrittenAt)
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(1);

    public static T Into<T>(string location, Func<Look, T> look, TimeProvider time, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        SqliteErrors.DemandThere(location);

        return SqliteConnections.Watch(location, connection =>
        {
            var mark = ChangeMark.Read(location, time);
            Patience.HoldSnapshot(connection, location, LockPatience, time, cancellationToken);
            return look(new Look(connection, LivePages.Under(connection, location, mark), time.GetUtcNow(), mark.WrittenAt == default ? null : mark.WrittenAt));
        });
    }
}

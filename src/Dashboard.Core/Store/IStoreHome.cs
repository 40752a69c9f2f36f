namespace Dashboard.Core.Store;

/// <summary>Where the store is. The engine that holds it registers this beside the contexts.</summary>
public interface IStoreHome
{
    /// <summary>
    /// The file that the store is: the dashboard registers it and backs it up like any database.
    /// Null where the store is on a server, whose operator backs it up.
    /// </summary>
    string? File { get; }

    /// <summary>For a person; never a password.</summary>
    string Place { get; }

    /// <summary>Whether nothing is to be prepared and the first run was made, told more cheaply than by looking at everything. False where that is not known.</summary>
    bool IsAsLeft() => false;

    /// <summary>Creates the store, or brings it to this version. Called once, before anything else asks the store.</summary>
    /// <exception cref="StoreException">When it can't be had.</exception>
    Task PrepareAsync(CancellationToken cancellationToken);
}

/// <summary>The store can't be had; the message says where it is, why, and what to do. It holds no password, and neither does what caused it.</summary>
public class StoreException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>An older program must not touch what a newer one wrote.</summary>
public sealed class StoreIsNewerException(string place, string migration, string otherwise)
    : StoreException($"The store {place} was written by a newer version of the dashboard (it knows “{migration}”). Start that version, or {otherwise}.");

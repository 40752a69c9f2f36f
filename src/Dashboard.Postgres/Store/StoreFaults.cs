using Dashboard.Core.Store;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Store;

/// <summary>Why the store can't be had, in words. What the driver threw is left out of it: nobody may find a password further down.</summary>
internal static class StoreFaults
{
    public static StoreException InWords(string place, Exception fault) => new(fault switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } => $"The store can't be opened: there is no {place}. Create it with CREATE DATABASE, empty, for the dashboard alone.",
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } refused =>
            $"The store can't be opened: {place} refuses the login: {refused.MessageText}. Check user and password in Dashboard:StoreConnection.",
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } refused =>
            $"The store can't be made or changed in {place}: {refused.MessageText}. The dashboard's user must own the database, or may create in its schema.",
        PostgresException said => $"The store {place} can't be used: {said.MessageText} ({said.SqlState}).",
        _ => $"The store {place} can't be reached: {LostConnection.Reason(fault)} Check that the server runs and that Dashboard:StoreConnection is right.",
    });
}

namespace Dashboard.Core.Databases;

/// <summary>
/// Implemented beside <see cref="IDatabaseEngine"/> by an engine that signs in, where a restore may need more than the login has that a database is watched with.
/// </summary>
public interface ISecondLogin
{
    /// <summary>What this login is and may do there. That it is refused is an answer, not an exception. Answers within about two seconds.</summary>
    /// <param name="location">Of the database as it is registered.</param>
    Task<LocationCheck> CheckLoginAsync(string location, string user, string password, CancellationToken cancellationToken);

    /// <summary>
    /// The same engine, signed in as this login whatever user a location names; locations that it answers name the user that was named. Only what a restore,
    /// its undo and what it keeps beside need is asked of it. An engine that holds sessions is <see cref="IAsyncDisposable"/>: whoever asked ends it.
    /// </summary>
    IDatabaseEngine As(Login login);
}

/// <summary>The login was refused, or may not do what was asked; another one could. The message says what is missing.</summary>
public sealed class LoginRefusedException(string message, string? nextStep = null, Exception? inner = null) : DatabaseException(message, nextStep, inner);

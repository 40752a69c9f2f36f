using Dashboard.Core.Databases;

namespace Dashboard.Core.Health;

/// <summary>Implemented beside <see cref="IDatabaseEngine"/> by an engine that can look at the health of its databases.</summary>
public interface IHealthChecked
{
    /// <summary>In the order of the page. Their keys differ from each other and from those of <see cref="IDatabaseHealthCheck"/>.</summary>
    IReadOnlyList<IHealthCheck> HealthChecks { get; }

    /// <summary>
    /// Asks a question that a person wrote for a check of their own. Nothing that it says can change the database: the engine forbids it, not the text.
    /// </summary>
    /// <param name="timeout">After which the database itself gives up.</param>
    /// <exception cref="OwnQuestionException">When the database refuses the question: a table that is not there, a word too many, an attempt to write.</exception>
    /// <exception cref="DatabaseException">When the database can't be asked, or not in time.</exception>
    Task<OwnAnswer> AskOwnAsync(string location, string sql, TimeSpan timeout, CancellationToken cancellationToken);
}

/// <summary>The first rows of an answer, as text.</summary>
/// <param name="Rows">At most <see cref="MostRows"/>; null stands for NULL.</param>
/// <param name="HasMore">Whether there are more.</param>
public sealed record OwnAnswer(IReadOnlyList<IReadOnlyList<string?>> Rows, bool HasMore)
{
    public const int MostRows = 5;

    /// <summary>Of a value; what is longer ends in "…".</summary>
    public const int MostCharacters = 1_000;
}

/// <summary>The database is there and does not take the question.</summary>
public sealed class OwnQuestionException(string message, string? nextStep = null, Exception? inner = null) : DatabaseException(message, nextStep, inner);

using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;
using Npgsql;

namespace Dashboard.Postgres.Locations;

/// <summary>What works behind a connection pooler: looking. Everything else needs a session that nobody else gets in between.</summary>
internal static class JudgePooler
{
    private const string DirectAddress = "Needs the server's direct address: a connection pooler answers here, and this needs a session of its own.";

    /// <param name="look">What the database behind the pooler says.</param>
    public static async Task<LocationCheck> RunAsync(NpgsqlConnection connection, PostgresLocation at, Func<Task<LocationCheck>> look, CancellationToken cancellationToken)
    {
        // A pooler may give a database another name; everything that is read of one is asked for by its name on the server.
        var real = await connection.AskAsync<string>("SELECT current_database()::text", cancellationToken);
        if (real != at.Database)
        {
            return LocationCheck.Refused(
                $"{at.ServerWords} is a connection pooler (such as PgBouncer), and its name {at.Database} stands for the database {real}.",
                $"Use the server's direct address, usually with port 5432, and the name {real}.");
        }

        var check = await look();
        return check with
        {
            Verdict = LocationVerdict.Warning,
            NextStep = "It can be added to be watched. Use the server's direct address, usually with port 5432, to back up and restore.",
            Facts = [new LocationFact("Pooler", "a connection pooler, such as PgBouncer, answers here", LocationVerdict.Warning), .. check.Facts],
            Abilities = [.. check.Abilities.Select((ability, place) => place == 0 ? See(ability) : ability with { Verdict = LocationVerdict.Refused, Words = DirectAddress })],
        };
    }

    private static LocationAbility See(LocationAbility ability) => ability with { Verdict = LocationVerdict.Warning, Words = $"{ability.Words} Exact row counts need the server's direct address." };
}

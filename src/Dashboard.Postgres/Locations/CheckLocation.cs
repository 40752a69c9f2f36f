using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Restores;
using Dashboard.Postgres.Tools;
using Npgsql;

namespace Dashboard.Postgres.Locations;

/// <summary>Looks at a server while somebody types where it is: can it be reached, as whom, and what will work there.</summary>
internal static class CheckLocation
{
    /// <summary>Whoever types wants an answer, not a time-out of minutes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Only here: the sizes of all databases of a server are dear.</summary>
    private const string SiblingsQuestion =
        """
        SELECT datname::text, CASE WHEN has_database_privilege(oid, 'CONNECT') THEN pg_database_size(oid) END
        FROM pg_database
        WHERE datallowconn AND NOT datistemplate AND datname <> current_database()
        ORDER BY datname
        LIMIT 500
        """;

    public static async Task<LocationCheck> RunAsync(string location, Watching watching, FindTools tools, CancellationToken cancellationToken)
    {
        var text = LocationText.Read(location);
        if (text.Location is not { } at)
        {
            return LocationCheck.Refused(text.Problem!, "Fill in the fields, or paste what the application uses to connect.");
        }

        var check = await RunAsync(text, at, watching, tools, cancellationToken);
        return text.Remark is { } remark ? check with { Facts = [.. check.Facts, new LocationFact("Address", remark)] } : check;
    }

    private static async Task<LocationCheck> RunAsync(LocationText text, PostgresLocation at, Watching watching, FindTools tools, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            var password = text.Password ?? await watching.FindPasswordAsync(at, cancellationToken);
            var settings = new SessionSettings(Patience);
            await using var connection = await PostgresConnections.OpenToLookAsync(at, password, settings, patience.Token);
            return SharedSession.Is(connection)
                ? await SharedSession.AskAsync(connection, settings, pooled => JudgePooler.RunAsync(pooled, at, () => LookAsync(pooled, at, text.Password, tools, patience.Token, cancellationToken), patience.Token), patience.Token)
                : await LookAsync(connection, at, text.Password, tools, patience.Token, cancellationToken);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return LocationCheck.Refused($"{at.ServerWords} did not answer within {Patience.TotalSeconds:0} seconds.", "Correct host and port, or look whether a firewall is in the way.");
        }
        catch (Exception fault) when (PostgresErrors.IsOfDatabase(fault) && !cancellationToken.IsCancellationRequested)
        {
            var explained = PostgresErrors.Explain(fault, at);
            return LocationCheck.Refused(explained.Message, (explained.NextStep ?? "Look at the log of the server.") + SlipOfTheHand(at));
        }
    }

    /// <param name="patience">For what every answer needs.</param>
    private static async Task<LocationCheck> LookAsync(NpgsqlConnection connection, PostgresLocation at, string? typedPassword, FindTools tools, CancellationToken patience, CancellationToken cancellationToken)
    {
        var look = await LoginLook.ReadAsync(connection, patience);
        var siblings = await connection.ListAsync(SiblingsQuestion, reader => (Name: reader.GetString(0), Bytes: reader.IsDBNull(1) ? (long?)null : reader.GetInt64(1)), patience);
        look = await look.WithRestoreAsync(connection, at, Patience, cancellationToken);
        var abilities = JudgeLogin.Abilities(look, tools);
        List<LocationFact> facts =
        [
            new("Server", $"PostgreSQL {look.Version}{(look.IsStandby ? ", a standby that follows another server" : "")}", look.IsStandby ? LocationVerdict.Warning : LocationVerdict.Good),
            look.Tls is { } tls ? new("Connection", $"encrypted ({tls})") : new("Connection", IsLocal(at) ? "not encrypted, and does not leave this machine" : "not encrypted: the password and all data can be read on the way", IsLocal(at) ? LocationVerdict.Good : LocationVerdict.Warning),
            new("Login", look.IsSuperuser ? $"{at.User}, a superuser: a login with fewer rights is enough" : at.User),
            look.Tables == 0 ? new("Size", $"{Words.Bytes(look.SizeBytes)}. {EmptyDatabase.Sentence}", LocationVerdict.Warning) : new("Size", $"{Words.Bytes(look.SizeBytes)} in {Words.Count(look.Tables, "table")}"),
        ];
        var isWarned = facts.Any(fact => fact.Verdict == LocationVerdict.Warning) || abilities.Any(ability => ability.Verdict != LocationVerdict.Good);
        return new LocationCheck(
            isWarned ? LocationVerdict.Warning : LocationVerdict.Good,
            $"{at.Database} on {at.ServerWords}, {Words.Bytes(look.SizeBytes)}.",
            isWarned ? abilities.All(ability => ability.Verdict == LocationVerdict.Good) ? null : "It can be added as it is; what is missing can be granted later." : null,
            at.ToString(),
            at.Database,
            facts)
        {
            Abilities = abilities,
            NoBackupBecause = JudgeLogin.NoBackupBecause(look, tools),
            Login = typedPassword is null ? null : new Login(PostgresEngine.Key, at.Server, at.User, typedPassword),
            Siblings = [.. siblings.Where(sibling => !Names.IsOfRestore(sibling.Name)).Select(sibling => new LocationSibling((at with { Database = sibling.Name }).ToString(), sibling.Name, sibling.Bytes))],
        };
    }

    /// <summary>A space at the end can't be seen, and is rarely meant.</summary>
    private static string SlipOfTheHand(PostgresLocation at) =>
        at.Database != at.Database.Trim() ? " The name of the database begins or ends with a space: take it out unless it is meant."
        : at.User != at.User.Trim() ? " The name of the user begins or ends with a space: take it out unless it is meant."
        : "";

    private static bool IsLocal(PostgresLocation at) => at.Host is "localhost" or "127.0.0.1" or "::1" || at.Host.StartsWith('/');
}

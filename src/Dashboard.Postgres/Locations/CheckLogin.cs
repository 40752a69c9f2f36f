using Dashboard.Core.Databases;
using Dashboard.Postgres.Connections;
using Dashboard.Postgres.Restores;
using Dashboard.Postgres.Tools;

namespace Dashboard.Postgres.Locations;

/// <summary>What a login that is given for one restore could do: the same look as when a database is added.</summary>
internal static class CheckLogin
{
    public static async Task<LocationCheck> RunAsync(PostgresLocation at, string user, string password, Watching watching, FindTools tools, CancellationToken cancellationToken)
    {
        if (user.Length == 0)
        {
            return LocationCheck.Refused("The user is missing.", "Type user and password of a login that may create databases.");
        }

        var parts = new Dictionary<string, string>(LocationForm.Split(at.ToString())!) { ["user"] = user, ["password"] = password };
        var check = await CheckLocation.RunAsync(LocationForm.Compose(parts), watching, tools, cancellationToken);
        return check.Location is null && await FindDamageAsync(at, watching, cancellationToken) is { } damage
            ? await AskServerAsync(at with { User = user }, password, damage, cancellationToken)
            : check;
    }

    /// <summary>A database that nobody can open says nothing of a login.</summary>
    private static async Task<DatabaseException?> FindDamageAsync(PostgresLocation at, Watching watching, CancellationToken cancellationToken)
    {
        try
        {
            return await FindDamage.RunAsync(at, watching, cancellationToken);
        }
        catch (Exception fault) when (PostgresErrors.IsOfDatabase(fault) && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async Task<LocationCheck> AskServerAsync(PostgresLocation at, string password, DatabaseException damage, CancellationToken cancellationToken)
    {
        var login = new Login(PostgresEngine.Key, at.Server, at.User, password);
        try
        {
            await using var connection = await MaintenanceDatabase.OpenAsync(at, password, cancellationToken, TimeSpan.FromSeconds(2));
            return new LocationCheck(LocationVerdict.Warning, $"{at.User} can sign in.", $"What it may do is not known: {damage.Message}", at.ToString(), at.Database, []) { Login = login };
        }
        catch (Exception fault) when (PostgresErrors.IsOfDatabase(fault) && !cancellationToken.IsCancellationRequested)
        {
            var explained = PostgresErrors.Explain(fault, at);
            return LocationCheck.Refused(explained.Message, explained.NextStep ?? "Look at the log of the server.");
        }
        catch (LoginRefusedException refused)
        {
            return LocationCheck.Refused(refused.Message, refused.NextStep ?? "Give another login.");
        }
    }
}

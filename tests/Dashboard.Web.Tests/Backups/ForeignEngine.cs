using System.Reflection;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Sqlite;

namespace Dashboard.Web.Tests.Backups;

/// <summary>The real engine, taking in what it would not.</summary>
public class ForeignEngine : DispatchProxy
{
    private readonly SqliteEngine _engine = new(TimeProvider.System);
    private ForeignEngine? _lender;

    public ForeignKind Kind { get; set; }

    public string? OwnersProblem { get; set; }

    public string? ScriptBlocker { get; set; }

    public IReadOnlyList<RestoreGap> Gaps { get; set; } = [];

    /// <summary>What the registered login lacks; "keeper" with the password "right" lacks nothing.</summary>
    public string? LoginProblem { get; set; }

    /// <summary>What is kept beside.</summary>
    public List<KeptContent> Kept { get; } = [];

    public static (IDatabaseEngine Engine, ForeignEngine Answers) Make()
    {
        var engine = Create<IBothEngines, ForeignEngine>();
        return (engine, (ForeignEngine)(object)engine);
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
    {
        "get_" + nameof(IForeignDumps.Accepts) => "An archive, or a script.",
        nameof(IForeignDumps.RecogniseAsync) => Task.FromResult(new ForeignContent(Kind, Kind == ForeignKind.Archive ? "An archive of somebody" : "A dump of plain SQL", new Dictionary<string, string>())),
        nameof(IForeignDumps.FindScriptBlockerAsync) => Task.FromResult(ScriptBlocker),
        nameof(ISecondLogin.CheckLoginAsync) => Task.FromResult(Check((string)args![0]!, (string)args[1]!, (string)args[2]!)),
        nameof(ISecondLogin.As) => As(),
        nameof(IDatabaseEngine.ListKeptAsync) => Task.FromResult<IReadOnlyList<KeptContent>>([.. Kept]),
        nameof(IDatabaseEngine.DropKeptAsync) => Drop((ContentPlace)args![1]!),
        nameof(IForeignDumps.RunScriptAsync) => Task.FromResult(new CopyResult("a new one", [])),
        nameof(IDatabaseEngine.LookAheadAsync) => LookAheadAsync((string)args![0]!, (long)args[1]!),
        _ => targetMethod.Invoke(_engine, BindingFlags.DoNotWrapExceptions, null, args, null),
    };

    private async Task<RestoreOutlook> LookAheadAsync(string location, long bytes) =>
        await _engine.LookAheadAsync(location, bytes, new Dictionary<string, string>(), CancellationToken.None) with
        {
            OwnersProblem = OwnersProblem,
            CanUndo = LoginProblem is null,
            NoUndoBecause = LoginProblem,
            LoginProblem = LoginProblem,
            CopyBlocker = LoginProblem,
            Gaps = Gaps,
        };

    private static LocationCheck Check(string location, string user, string password) => (user, password) == ("keeper", "right")
        ? new LocationCheck(LocationVerdict.Good, "shop on db.example.org.", null, location, "shop", [])
        {
            Login = new Login("sqlite", "db.example.org:5432", user, password),
            Abilities = [new LocationAbility("Restore with undo", LocationVerdict.Good, "Builds the new database beside and changes the names.")],
        }
        : LocationCheck.Refused($"db.example.org refused the password of {user}.", "Correct user and password.");

    private IDatabaseEngine As()
    {
        var (engine, answers) = Make();
        (answers.Kind, answers.OwnersProblem, answers._lender) = (Kind, OwnersProblem, this);
        return engine;
    }

    private Task Drop(ContentPlace place)
    {
        if (LoginProblem is not null)
        {
            throw new LoginRefusedException(LoginProblem);
        }

        (_lender ?? this).Kept.RemoveAll(kept => kept.Place == place);
        return Task.CompletedTask;
    }
}

public interface IBothEngines : IDatabaseEngine, IForeignDumps, ISecondLogin;

using System.Reflection;
using Dashboard.Core.Backups;
using Dashboard.Core.Databases;
using Dashboard.Sqlite;

namespace Dashboard.Web.Tests.Backups;

/// <summary>The real engine, taking in what it would not.</summary>
public class ForeignEngine : DispatchProxy
{
    private readonly SqliteEngine _engine = new(TimeProvider.System);

    public ForeignKind Kind { get; set; }

    public string? OwnersProblem { get; set; }

    public string? ScriptBlocker { get; set; }

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
        nameof(IForeignDumps.RunScriptAsync) => Task.FromResult(new CopyResult("a new one", [])),
        nameof(IDatabaseEngine.LookAheadAsync) => LookAheadAsync((string)args![0]!, (long)args[1]!),
        _ => targetMethod.Invoke(_engine, BindingFlags.DoNotWrapExceptions, null, args, null),
    };

    private async Task<RestoreOutlook> LookAheadAsync(string location, long bytes) =>
        await _engine.LookAheadAsync(location, bytes, new Dictionary<string, string>(), CancellationToken.None) with { OwnersProblem = OwnersProblem };


}

public interface IBothEngines : IDatabaseEngine, IForeignDumps;

using System.Reflection;
using Dashboard.Core.Databases;
using Dashboard.Core.Databases.Indexes;
using Dashboard.Sqlite;

namespace Dashboard.Web.Tests.Databases;

/// <summary>The real engine, with more told of its indexes than it knows.</summary>
public class AnsweringEngine : DispatchProxy
{
    private readonly SqliteEngine _engine = new(TimeProvider.System);

    public Func<IndexList, IndexList> Tell { get; set; } = list => list;

    /// <summary>Of every location, as if it were on a server.</summary>
    public (string Server, string User)? Login { get; set; }

    public static (IDatabaseEngine Engine, AnsweringEngine Answers) Make()
    {
        var engine = Create<IDatabaseEngine, AnsweringEngine>();
        return (engine, (AnsweringEngine)(object)engine);
    }

    /// <summary>One that can count in the source as well.</summary>
    public static IDatabaseEngine MakeCounting() => Create<ICountingEngine, AnsweringEngine>();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod!.Name == nameof(IDatabaseEngine.LoginOf) ? Login
        : targetMethod.Name == "get_" + nameof(IStreamedBackup.CountingCost) ? "Reads every table once more."
        : targetMethod.Name == nameof(IDatabaseEngine.ReadIndexesAsync)
            ? TellAsync((string)args![0]!, (CancellationToken)args[1]!)
            : targetMethod.Invoke(_engine, BindingFlags.DoNotWrapExceptions, null, args, null);

    private async Task<IndexList> TellAsync(string location, CancellationToken cancellationToken) => Tell(await _engine.ReadIndexesAsync(location, cancellationToken));
}

public interface ICountingEngine : IDatabaseEngine, IStreamedBackup;

using Xunit;

namespace Dashboard.Postgres.Tests.Server;

/// <summary>Tests that no other may write beside: the log of changes is one for the whole server.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class QuietServer
{
    public const string Name = "quiet server";
}
